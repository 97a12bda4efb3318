// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { closeApp, openApp, part, passes, press, put, requests, station, tile, words } from "./opened-app";
import { bed, hello, snapshot } from "./protocol/samples";
import type { Sensor } from "./protocol/bed";

const sensor = (given: Partial<Sensor> = {}): Sensor => ({ ...bed().sensor, ...given });
const download = { recording: 2, of: 3, seconds: 1_200, of_seconds: 28_800, by: "anna", waiting: false };
const capture = { file: "bed-1.capture", since: hello().time - 61_000, bytes: 1_234 };

const opened = async (
  hash: string,
  role: "viewer" | "nurse" | "admin",
  beds: readonly Parameters<typeof bed>[0][],
  answers: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  await openApp(hash, answers);
  station().says(hello({ role }), snapshot({ beds: beds.map(bed) }));
  await passes(10);
};

afterEach(closeApp);

describe("the sensor of a bed", () => {
  it("is told with its adapter and the socket that it is plugged into", async () => {
    const adapter = { name: "FT232R USB UART", usb: "0403:6001", serial: null, place: "usb 1-1.2" };
    await opened("#/bed/1", "viewer", [{ sensor: sensor({ adapter }) }]);
    expect(words("sensor-card")).toContain("FT232R USB UART, 0403:6001");
    expect(words("sensor-card")).toContain("usb 1-1.2");
    expect(words("sensor-card")).toContain("none: known by its socket");
  });

  it("says what is being tried", async () => {
    const message = "Listening at 9600 baud: no answer. Switch serial output on.";
    await opened("#/bed/1", "viewer", [{ sensor: sensor({ state: "searching", message }) }]);
    expect(words("sensor-words")).toContain(message);
  });

  it("is asked nothing by looking at it, and tells its details when somebody wants them", async () => {
    await opened("#/bed/1", "nurse", [{}]);
    expect(station().commands).toEqual([]);
    await press("btn-details");
    expect(station().commands).toMatchObject([{ command: "request", what: "device", bed: "1" }]);
    station().says({ type: "reply", id: "c1", ok: true, result: { firmware: "4.6" } });
    await passes(10);
    expect(words("sensor-details")).toContain("Firmware 4.6");
    station().says({ type: "bed", bed: bed({ sensor: sensor({ model: "CMS50F" }) }) });
    expect(words("sensor-details")).not.toContain("4.6");
  });

  it("is asked about when something else answers, and a nurse confirms it", async () => {
    const question = "A Nonin answers where a CMS50D+ was.";
    await opened("#/bed/1", "nurse", [{ sensor: sensor({ question }) }]);
    expect(words("sensor-question")).toContain(question);
    await press("btn-confirm-sensor");
    expect(station().commands).toMatchObject([{ command: "confirm_sensor", bed: "1" }]);
    expect(part("swap-with")).toBeNull();
  });

  it("can be given to another bed by an admin, whose bed then has the other one", async () => {
    const beds = [
      { sensor: sensor({ question: "Which?", port: "A" }) },
      { id: "2", name: "Bed 2", sensor: sensor({ port: "B" }) },
    ];
    await opened("#/bed/1", "admin", beds, { "PUT /api/v1/beds/1": {}, "PUT /api/v1/beds/2": {} });
    put("swap-with", "2");
    await press("swap-yes");
    await passes(10);
    expect(requests.filter(({ method }) => method === "PUT").map(({ path, body }) => [path, body])).toEqual([
      ["/api/v1/beds/1", { port: null }],
      ["/api/v1/beds/2", { port: "A", protocol: "auto" }],
      ["/api/v1/beds/1", { port: "B", protocol: "auto" }],
    ]);
  });

  it("can be set only where its protocol can, and only after asking back", async () => {
    await opened("#/bed/1", "admin", [{ sensor: sensor({ protocol: "masimo-ascii" }) }]);
    expect(part("btn-clock")).toBeNull();
    expect(part("format")).toBeNull();
    station().says({ type: "bed", bed: bed({ sensor: sensor({ protocol: "nonin-df2" }) }) });
    put("format", "nonin-df7");
    expect(station().commands).toEqual([]);
    await press("format-yes");
    expect(station().commands).toMatchObject([{ command: "set_format", format: "nonin-df7" }]);
    station().says({ type: "bed", bed: bed({ sensor: sensor({ protocol: "contec-v7" }) }) });
    await press("btn-clock");
    await press("clock-yes");
    expect(station().commands[1]).toMatchObject({ command: "set_clock" });
  });

  it("is not set, recorded or moved by a nurse", async () => {
    await opened("#/bed/1", "nurse", [{}]);
    for (const admins of ["btn-clock", "btn-capture-start", "format"]) expect(part(admins)).toBeNull();
    location.hash = "#/settings";
    await passes(10);
    expect(part("bed-list")).toBeNull();
    expect(part("capture-files")).toBeNull();
  });
});

describe("bytes that are being recorded", () => {
  it("are marked on the bed for everybody", async () => {
    await opened("#/", "viewer", [{ sensor: sensor({ capture }) }]);
    expect(words("mark-capture", tile())).toBe("Bytes are being recorded");
  });

  it("are started and stopped by an admin, with size and time", async () => {
    await opened("#/bed/1", "admin", [{}]);
    await press("btn-capture-start");
    expect(station().commands).toMatchObject([{ command: "start_capture" }]);
    station().says({ type: "bed", bed: bed({ sensor: sensor({ capture }) }) });
    expect(words("capture")).toMatch(/for 1 min 0\d s, 1\.2 kB/);
    await press("btn-capture-stop");
    expect(station().commands[1]).toMatchObject({ command: "stop_capture" });
  });
});

describe("recordings in the sensor", () => {
  it("are fetched only after a word about what the bed then lacks", async () => {
    await opened("#/bed/1/recordings", "nurse", [{}]);
    await press("btn-list");
    const recordings = [
      { recording: "0/1", user: 0, segment: 1, seconds: 617, start: "2014-08-18T02:38:18" },
      { recording: "0/2", user: 0, segment: 2, seconds: 60, start: null },
    ];
    station().says({ type: "reply", id: "c1", ok: true, result: { recordings } });
    await passes(10);
    expect(words("stored")).toContain("2014-08-18 02:38 10 min 17 s");
    expect(words("stored")).toContain("start not known");
    await press("btn-fetch-all");
    expect(words("fetch")).toContain("Fetch all recordings? Meanwhile the sensor sends no live numbers");
    expect(station().commands).toHaveLength(1);
    await press("fetch-yes");
    expect(station().commands[1]).toMatchObject({ command: "download" });
    expect(station().commands[1]).not.toHaveProperty("recordings");
  });

  it("are refused in the station's words", async () => {
    await opened("#/bed/1/recordings", "nurse", [{}]);
    await press("btn-list");
    const error = { code: "unsupported", message: "A Nonin Xpod stores no recordings." };
    station().says({ type: "reply", id: "c1", ok: false, error });
    await passes(10);
    expect(words("stored")).toContain("A Nonin Xpod stores no recordings.");
  });

  it("that a person stopped are not told as a failure", async () => {
    await opened("#/bed/1/recordings", "nurse", [{}]);
    await press("btn-fetch-all");
    await press("fetch-yes");
    station().says({ type: "reply", id: "c1", ok: true, accepted: true });
    expect(words("stored")).toContain("Asking the sensor");
    const error = { code: "stopped", message: "It was stopped. 1 recording was fetched whole and is kept." };
    station().says({ type: "reply", id: "c1", ok: false, error });
    await passes(10);
    expect(words("stored")).toContain("1 recording was fetched whole and is kept.");
    expect(document.querySelector("[data-testid=stored] [role=alert]")).toBeNull();
  });

  it("show on every screen how far they have come, and can be stopped", async () => {
    await opened("#/bed/1", "nurse", [{ sensor: sensor({ state: "silent", download }) }]);
    expect(words("download")).toContain("Fetching recording 2 of 3");
    expect(words("download")).toContain("20 min 00 s of 8 h 00 min");
    expect(words("sensor-state")).toContain("No live numbers");
    await press("btn-stop-download");
    expect(station().commands).toMatchObject([{ command: "stop_download" }]);
    station().says({
      type: "bed",
      bed: bed({ sensor: sensor({ download: { ...download, waiting: true } }) }),
    });
    expect(words("download")).toContain("Waiting: sensor unplugged");
  });

  it("are neither read nor stopped by a viewer, who sees what was fetched", async () => {
    const fetched = { id: 7, sensor: "CMS50F", start: null, fetched: hello().time, by: "anna", seconds: 617 };
    await opened("#/bed/1/recordings", "viewer", [{}], {
      "GET /api/v1/beds/1/recordings": { recordings: [fetched] },
    });
    expect(part("btn-list")).toBeNull();
    expect(part("btn-fetch-all")).toBeNull();
    expect(words("fetched")).toContain("10 min 17 s");
    expect(words("fetched")).toContain("by anna");
  });

  it("of before the present patient came are shown only when asked for", async () => {
    const early = { id: 5, sensor: "CMS50F", fetched: 1_000, seconds: 60 };
    await opened("#/bed/1/recordings", "viewer", [{ history_from: 2_000 }], {
      "GET /api/v1/beds/1/recordings": { recordings: [early] },
    });
    expect(words("fetched")).toContain("None yet since the present patient came");
    await press("btn-older");
    expect(words("fetched")).toContain("CMS50F");
  });
});

describe("a sensor that nobody has named", () => {
  const found = { id: "5", name: "New sensor (CMS50D+)", found: true, sensor: sensor({ port: "E" }) };

  it("streams in a bed of its own, marked as new", async () => {
    await opened("#/", "viewer", [{}, found]);
    expect(words("mark-found", tile("5"))).toBe("New sensor");
    expect(words("spo2", tile("5"))).toBe("97");
    expect(part("mark-found", tile("1"))).toBeNull();
  });

  it("is named by an admin", async () => {
    await opened("#/bed/5", "admin", [{}, found], { "PUT /api/v1/beds/5": {} });
    put("found-name", "Bed 4");
    await press("btn-found-name");
    expect(requests.find(({ method }) => method === "PUT")).toEqual({
      method: "PUT",
      path: "/api/v1/beds/5",
      body: { name: "Bed 4" },
    });
  });

  it("is given to its bed by an admin", async () => {
    await opened("#/bed/5", "admin", [{}, found], { "PUT /api/v1/beds/1": {} });
    put("found-other", "1");
    await press("hand-over-yes");
    expect(requests.find(({ method }) => method === "PUT")).toMatchObject({
      path: "/api/v1/beds/1",
      body: { port: "E" },
    });
    expect(location.hash).toBe("#/bed/1");
  });

  it("tells others who can say whose it is", async () => {
    await opened("#/bed/5", "nurse", [found]);
    expect(words("found-who")).toContain("An admin can name this bed");
    expect(part("found-name")).toBeNull();
  });
});

describe("the beds in the settings", () => {
  it("are added with number, name, port and protocol", async () => {
    await opened("#/settings", "admin", [{}], { "PUT /api/v1/beds/2": {} });
    await press("btn-bed-add");
    put("bed-port", "/dev/ttyUSB7");
    put("bed-protocol", "nellcor-ascii");
    await press("btn-bed-save");
    expect(requests.find(({ method }) => method === "PUT")).toEqual({
      method: "PUT",
      path: "/api/v1/beds/2",
      body: { name: "Bed 2", port: "/dev/ttyUSB7", protocol: "nellcor-ascii" },
    });
    await passes(10);
    expect(part("bed-form")).toBeNull();
  });

  it("keep what was not changed", async () => {
    await opened("#/settings", "admin", [{}], { "PUT /api/v1/beds/1": {} });
    part("bed-row-1")?.querySelector("button")?.click();
    await passes(10);
    put("bed-name", "Window");
    await press("btn-bed-save");
    expect(requests.find(({ method }) => method === "PUT")?.body).toEqual({ name: "Window" });
  });

  it("are removed only after asking back", async () => {
    await opened("#/settings", "admin", [{}], { "DELETE /api/v1/beds/1": {} });
    part("bed-row-1")?.querySelectorAll("button")[1]?.click();
    await passes(10);
    expect(requests.some(({ method }) => method === "DELETE")).toBe(false);
    await press("remove-bed-yes");
    expect(requests.some(({ method }) => method === "DELETE")).toBe(true);
  });
});

it("the focus goes to the answer that changes nothing, and stays at a list in which one chooses", async () => {
  await opened("#/bed/1", "admin", [{}]);
  await press("btn-clock");
  expect(document.activeElement).toBe(part("clock-no"));
  await press("clock-no");
  station().says({ type: "bed", bed: bed({ sensor: sensor({ protocol: "nonin-df2" }) }) });
  part("format")?.focus();
  put("format", "nonin-df8");
  expect(document.activeElement).toBe(part("format"));
});
