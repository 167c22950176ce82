/** «9 Février 2024 à 16:04», as the guide has it; in another language, as that has it. @param at RFC 3339 */
export function longDate(at: string, language: string): string {
  const date = new Date(at);
  if (!language.startsWith("fr"))
    return date.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
  const month = date.toLocaleString("fr", { month: "long" });
  const time = date.toLocaleString("fr", { hour: "2-digit", minute: "2-digit" });
  return `${date.getDate()} ${month.charAt(0).toUpperCase()}${month.slice(1)} ${date.getFullYear()} à ${time}`;
}
