/** For so long after the last key or click somebody is at the page, in milliseconds. */
const ATTENDED = 60_000;

let last = performance.now();

if (typeof window !== "undefined")
  for (const event of ["pointerdown", "keydown", "wheel", "touchstart"])
    window.addEventListener(event, noteAttendance, { capture: true, passive: true });

export function noteAttendance(): void {
  last = performance.now();
}

/** Whether somebody is at the page, by what was done lately. */
export function isAttended(): boolean {
  return performance.now() - last < ATTENDED;
}
