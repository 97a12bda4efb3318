/** Keeps a tablet's screen on, and says so where it cannot. */

/** The screen's wake lock. */
export class Wake {
  /** `false`: this screen may go dark by itself. `null`: not asked, as in the station's own window. */
  held = $state<boolean | null>(null);

  /** Asks for the lock now and whenever the page is seen again: the browser takes it away when it is hidden. */
  start(): () => void {
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const lock = await navigator.wakeLock.request("screen");
        this.held = true;
        lock.addEventListener("release", () => {
          this.held = false;
        });
      } catch {
        this.held = false;
      }
    };
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => document.removeEventListener("visibilitychange", ask);
  }
}
