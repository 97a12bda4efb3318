import { describe, expect, it } from "vitest";
import css from "./colours.css?raw";

function block(selector: string): Map<string, string> {
  const start = css.indexOf(selector);
  const body = css.slice(css.indexOf("{", start) + 1, css.indexOf("}", start));
  return new Map(
    [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1] ?? "", match[2] ?? ""]),
  );
}

function luminance(hex: string): number {
  const linear = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT_ON: readonly (readonly [string, readonly string[]])[] = [
  ["text", ["ground", "surface", "raised", "button", "button-pressed"]],
  ["quiet", ["ground", "surface", "raised"]],
  ["spo2", ["surface", "raised"]],
  ["pulse", ["surface", "raised"]],
  ["grey-number", ["surface", "raised"]],
  ["strong-text", ["strong"]],
  ["demo-text", ["demo"]],
];

describe.each(["night", "day"])("by %s", (shade) => {
  const colours = block(`:root[data-shade="${shade}"]`);
  const pairs = TEXT_ON.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const));

  it.each(pairs)("%s on %s stands at 7:1 or more", (text, ground) => {
    expect(contrast(colours.get(text) ?? "", colours.get(ground) ?? "")).toBeGreaterThanOrEqual(7);
  });
});

describe("the text on an alarm's fill", () => {
  const fills = block("\n:root {");
  it.each([
    ["high-text", "high"],
    ["high-text", "high-dim"],
    ["medium-text", "medium"],
    ["medium-text", "medium-dim"],
    ["low-text", "low"],
  ])("%s on %s stands at 7:1 or more, in both phases of the flash", (text, ground) => {
    expect(contrast(fills.get(text) ?? "", fills.get(ground) ?? "")).toBeGreaterThanOrEqual(7);
  });
});
