import { expect, test } from "vitest";
import { bed, hello, snapshot } from "../../protocol/samples";
import { reduce, UNKNOWN_WARD } from "../../ward/ward";
import { following } from "./following";

const PRESET = bed().limits;
const ward = [
  hello(),
  snapshot({
    beds: [
      bed({ id: "1" }),
      bed({ id: "2", patient: { id: "p", name: null } }),
      bed({ id: "3", limits: { ...PRESET, spo2_high: 98 } }),
    ],
  }),
].reduce((state, message) => reduce(state, message, 0), UNKNOWN_WARD);

test("beds without a patient follow the preset if they were as it was; the others keep their limits", () => {
  const { follow, keep } = following([...ward.beds.values()], PRESET);
  expect(follow.map(({ id }) => id)).toEqual(["1"]);
  expect(keep.map(({ id }) => id)).toEqual(["2", "3"]);
});
