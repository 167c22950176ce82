import type { Account, NewUser } from "./users";

/** What the form holds of a user, as it is typed. */
export type UserValues = Omit<NewUser, "terms" | "liability">;

export const EMPTY: UserValues = {
  login: "",
  civility: "",
  last_name: "",
  first_name: "",
  email: "",
  mobile: "",
  visio: "user",
  telework: false,
  invoices: false,
  administrator: false,
  in_directory: false,
};

export function valuesOf(user: Account): UserValues {
  const { login, civility, last_name, first_name, email, in_directory } = user;
  const { visio, telework, invoices, administrator } = user.rights;
  const mobile = user.mobile ?? "";
  return {
    login,
    civility,
    last_name,
    first_name,
    email,
    mobile,
    visio,
    telework,
    invoices,
    administrator,
    in_directory,
  };
}

/**
 * What was typed, on what another administrator has made of the user meanwhile: what was changed here stays, all else is as
 * it is now.
 *
 * @param base what was looked at
 */
export function rebased(typed: UserValues, base: UserValues, now: UserValues): UserValues {
  const changed = Object.entries(typed).filter(([key, value]) => value !== base[key as keyof UserValues]);
  return { ...now, ...Object.fromEntries(changed) };
}
