/** What this program is not, in the ten sentences that every station shows. */

/** One of the ten. */
export interface SafetyNote {
  readonly number: number;
  readonly title: string;
  readonly text: string;
}

/** Stands at the foot of every screen that is not armed for sound, but the station's own window. */
export const SECONDARY_DISPLAY = "Secondary display. Do not rely on this screen for alarms.";

/** All ten, in order. */
export const SAFETY: readonly SafetyNote[] = [
  {
    number: 1,
    title: "Not a medical device",
    text: "No CE, UKCA or FDA clearance. Not for diagnosis or treatment, and not as the sole or primary alarm. The oximeter's own alarms must stay on and audible.",
  },
  {
    number: 2,
    title: "What it is for",
    text: "Education, research, bench use, and evaluation under the hospital's own authority.",
  },
  {
    number: 3,
    title: "No claim of compliance",
    text: "Tones and colours are “IEC-style” and the timings are chosen inside published ranges. No claim of compliance is made with IEC 60601-1-8, ISO 80601-2-61, IEC 62304, IEC 62366 or ISO 14971.",
  },
  {
    number: 4,
    title: "Tablets and other screens",
    text: `${SECONDARY_DISPLAY} Sound comes from the station's computer, unless its settings turn that off. A tablet makes none until somebody arms it by a tap, and not when its volume is down, it sleeps or its page is closed.`,
  },
  {
    number: 5,
    title: "Delays and loss of power",
    text: "The oximeter averages its numbers over some seconds; how long is unknown unless its maker declares it. The station and the network add to that; the delays measured are in the project's documents. When the power of the station fails nothing is monitored and nothing sounds. The record keeps what was shown before; a power cut may cost the last second of readings. Time while the station was down is shown as a gap.",
  },
  {
    number: 6,
    title: "Limits of oximetry",
    text: "Motion, low perfusion, nail polish, dyshaemoglobins and skin pigmentation can make the numbers wrong. Their accuracy is the oximeter's.",
  },
  {
    number: 7,
    title: "What was tested",
    text: "The project's documents list the devices and protocol versions tested, on which system, and whether with a simulator or a real device. What is not on that list was not tested.",
  },
  {
    number: 8,
    title: "Privacy",
    text: "All data stay on the station's computer. It stores readings, waves, alarms, events, who did what, and the patient number and name that staff enter. The database file is not encrypted by Oxiward: use an encrypted disk. To delete everything, stop the station and delete its data folder. There are no default accounts.",
  },
  {
    number: 9,
    title: "Trademarks",
    text: "Names of makers and of their products only identify the devices that can be connected. They belong to their owners, who have nothing to do with this project.",
  },
  {
    number: 10,
    title: "Hazards, evidence and reports",
    text: "The hazard list, the test evidence and how to report a safety problem are in the project's documents. Give the version shown here with every report.",
  },
];

/** Those that must be accepted before a screen is used. */
export const GATE: readonly SafetyNote[] = SAFETY.filter((note) => [1, 2, 3, 4, 6].includes(note.number));
