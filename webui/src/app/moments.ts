/** Dates and hours as the guide writes them: those of France, wherever the browser is. */

const ZONE = "Europe/Paris";

/** «27 Janvier 2025 à 15:53». English: «27 January 2025 at 15:53». */
export function moment(at: string, language: string): string {
  const parts = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "fr-FR", {
    timeZone: ZONE,
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(at));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? "";
  const month = part("month");
  const day = `${part("day")} ${month.charAt(0).toUpperCase()}${month.slice(1)} ${part("year")}`;
  return `${day} ${language === "en" ? "at" : "à"} ${part("hour")}:${part("minute")}`;
}

/** «1 h 02 min», «12 min 34 s», «8 s». */
export function duration(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return `${hours}\u00a0h\u00a0${two(minutes)}\u00a0min`;
  if (minutes > 0) return `${minutes}\u00a0min\u00a0${two(rest)}\u00a0s`;
  return `${rest}\u00a0s`;
}

/** The day it is in France, `2026-11-27`. */
export function todayInFrance(now: Date): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE }).format(now);
}
