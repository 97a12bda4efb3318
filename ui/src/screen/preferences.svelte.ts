/** What was chosen on this screen and holds for this screen only. Nothing of a patient is kept here. */

/** How bright the screen is. */
export type Theme = "night" | "day" | "system";

const store = {
  get(name: string): string | null {
    try {
      return localStorage.getItem(`oxiward.${name}`);
    } catch {
      // Storage is forbidden here (private mode, a managed tablet): the choice holds until the page is left.
      return null;
    }
  },
  set(name: string, value: string): void {
    try {
      localStorage.setItem(`oxiward.${name}`, value);
    } catch {
      // As above.
    }
  },
};

const dark = () => typeof matchMedia !== "function" || !matchMedia("(prefers-color-scheme: light)").matches;

/** The choices of this screen. */
export class Preferences {
  theme = $state<Theme>(readTheme());
  /** mm a second of the sweep. */
  sweep = $state<25 | 12.5>(store.get("sweep") === "12.5" ? 12.5 : 25);
  /** Patients' initials in place of their names, where visitors see the screen. */
  initialsOnly = $state(store.get("initials") === "yes");
  /** The beds that this screen shows; `null`: all. */
  beds = $state.raw<readonly string[] | null>(readBeds());
  /** The run of the station, by its start, whose line about the time before was closed here. */
  closedRun = $state(Number(store.get("closed-run") ?? Number.NaN));
  /** When the safety notes were accepted here; `null`: not yet. */
  accepted = $state(readAcceptance());
  #systemDark = $state(dark());

  /** What is shown, with the system's wish put in. */
  readonly shade = $derived<"night" | "day">(
    this.theme === "system" ? (this.#systemDark ? "night" : "day") : this.theme,
  );

  constructor() {
    if (typeof matchMedia !== "function") return;
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
      this.#systemDark = dark();
    });
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    store.set("theme", theme);
  }

  setSweep(sweep: 25 | 12.5): void {
    this.sweep = sweep;
    store.set("sweep", String(sweep));
  }

  setInitialsOnly(on: boolean): void {
    this.initialsOnly = on;
    store.set("initials", on ? "yes" : "no");
  }

  /** `null`: all. */
  setBeds(beds: readonly string[] | null): void {
    this.beds = beds;
    store.set("beds", JSON.stringify(beds));
  }

  closeRun(since: number): void {
    this.closedRun = since;
    store.set("closed-run", String(since));
  }

  /** The safety notes were read and accepted. */
  accept(): void {
    this.accepted = `${SAFETY_NOTES} ${new Date().toISOString()}`;
    store.set("safety-accepted", this.accepted);
  }
}

/** Names the wording of the safety notes; a new wording has to be accepted anew. */
export const SAFETY_NOTES = "3";

function readAcceptance(): string | null {
  const accepted = store.get("safety-accepted");
  return accepted?.startsWith(`${SAFETY_NOTES} `) === true ? accepted : null;
}

function readBeds(): readonly string[] | null {
  try {
    const beds = JSON.parse(store.get("beds") ?? "null") as unknown;
    return Array.isArray(beds) ? beds.filter((bed): bed is string => typeof bed === "string") : null;
  } catch {
    // Not what was written here: a screen shows too much rather than too little.
    return null;
  }
}

function readTheme(): Theme {
  const theme = store.get("theme");
  // Dark unless chosen otherwise: a ward is dark for half of the day, and a screen must not glare when it starts.
  return theme === "system" || theme === "day" ? theme : "night";
}
