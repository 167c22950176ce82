/** What the demonstration's data say (the box prints them at its start, too). */
export const PASSWORD = "Tabellion-2026!";
export const TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
export const DOMAIN = "visio.tabellion.test";
export const DEVICE = { user: "salle-1099000001", password: "Lifesize-2026", domain: DOMAIN };
export const DEVICE_NAME = "Salle des actes";
export const ORGANIZER = { login: "claire.moreau", name: "Claire Moreau" };
export const COLLEAGUE = { login: "julien.petit", name: "Julien Petit" };
/** An administrator without mobile and authenticator, as the first one of a new box. */
export const NEWCOMER = { login: "sophie.bernard", name: "Sophie Bernard" };
export const MEETING = { name: "Vente DUPONT", number: "1099053523", code: "1234" };
