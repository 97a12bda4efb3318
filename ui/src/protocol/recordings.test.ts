import { describe, expect, it } from "vitest";
import { decodeDownloadResult, decodeFetchedList, decodeRecording, decodeStored } from "./recordings";

describe("recordings in a sensor", () => {
  it("are read with what the sensor does not know as absent", () => {
    const recordings = [
      {
        recording: "0/1",
        user: 0,
        segment: 1,
        seconds: 617,
        start: "2014-08-18T02:38:18",
        perfusion_index: false,
      },
      { recording: "1/1", start: null },
      { seconds: 5 },
    ];
    expect(decodeStored({ recordings })).toEqual([
      recordings[0],
      { recording: "1/1", user: null, segment: null, seconds: null, start: null, perfusion_index: null },
    ]);
    expect(decodeStored(null)).toEqual([]);
  });
});

describe("fetched recordings", () => {
  it("are listed with the one fetched last first", () => {
    const recordings = [
      { id: 1, fetched: 10 },
      { id: 2, fetched: 20 },
    ];
    expect(decodeFetchedList({ recordings }).map(({ id }) => id)).toEqual([2, 1]);
  });

  it("keep a missing second as missing", () => {
    const samples = [
      { offset_s: 0, spo2: 97, pulse_rate: 72, perfusion_index: null },
      { offset_s: 1, spo2: null, pulse_rate: null, perfusion_index: null },
      { offset_s: 2 },
    ];
    expect(
      decodeRecording({ recording: { id: 7 }, samples }).samples.map(({ spo2, pulse_rate }) => [
        spo2,
        pulse_rate,
      ]),
    ).toEqual([
      [97, 72],
      [null, null],
      [null, null],
    ]);
  });

  it("are counted with those that were known before", () => {
    const recordings = [
      { id: 7, missing_s: 3 },
      { id: 8, missing_s: 2, already: true },
    ];
    expect(decodeDownloadResult({ recordings })).toEqual({ fetched: 2, already: 1, missing_s: 5 });
  });
});
