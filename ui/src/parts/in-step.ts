import type { Attachment } from "svelte/attachments";

/**
 * Lets all alarms of the screen flash in step, however far apart they started: two lights out of step look like
 * one that flickers.
 *
 * @param fill named so that it is done again when the fill changes
 */
export function inStep(fill: string): Attachment<Element> {
  return (element) => {
    if (!fill.includes("flash-")) return;
    for (const animation of element.getAnimations?.() ?? []) animation.startTime = 0;
  };
}
