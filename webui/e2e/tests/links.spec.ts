import { LABELS, words } from "../harness/labels.ts";
import { expect, test } from "../harness/test.ts";

test("a link that nobody gave out is told", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(`${room.box.url}/reunion/${"A".repeat(22)}`);
  await expect(bob.page.getByRole("alert")).toHaveText(words("Ce lien ne mène à aucune réunion."));
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("the link of a meeting that is not active is told", async ({ room }) => {
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { active: false });
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(bob.page.getByRole("alert")).toHaveText(words("Cette réunion n'est pas ouverte."));
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("a meeting that is switched off ends for those who wait", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { active: false });
  await expect(bob.page.getByText(words("La réunion a été fermée"))).toBeVisible();
});

test("the link of a deleted meeting is told", async ({ room }) => {
  await room.api.expect("DELETE", `/api/permanent-meetings/${room.meeting.id}`);
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(bob.page.getByRole("alert")).toHaveText(words("Ce lien ne mène à aucune réunion."));
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("a wrong code is refused with what is left, and the right one is taken then", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  const told = bob.page
    .getByRole("alert")
    .filter({ hasText: words("Ce code de sécurité n'est pas le bon.") });
  await bob.ask("0000");
  await expect(told).toContainText(words("Il vous reste 4 essais."));
  await bob.ask("0001");
  await expect(told).toContainText(words("Il vous reste 3 essais."));
  await bob.ask(room.code);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
});

test("who has no attempt left is told, and for how long even the right code waits", async ({ room }) => {
  const anne = await room.guest("Anne Dubois");
  await anne.follow(room.meeting.link);
  const told = anne.page.getByRole("alert").filter({ hasText: /code/i });
  for (const left of ["4 essais", "3 essais", "2 essais", "1 essai"]) {
    await anne.ask("0000", "Madame");
    await expect(told).toContainText(words(`Il vous reste ${left}.`));
  }
  await anne.ask("0000", "Madame");
  await expect(told).toContainText(words("C'était votre dernier essai."));
  await anne.ask(room.code, "Madame");
  await expect(told).toContainText(words("Réessayez dans 10 minutes"));
});
