import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exactly, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";

const CLIENTS = "10.77.0.2";

/** A service that takes SMS as its makers have thought of it, and says no first. */
async function service() {
  const asked: { key: string | undefined; body: { to?: string; message?: string } }[] = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      asked.push({ key: request.headers["x-api-key"] as string | undefined, body: JSON.parse(body) });
      answer.end(JSON.stringify({ status: asked.length === 1 ? "no credit left" : "queued" }));
    });
  });
  // On the clients' side of the network (network.sh), as the office's own services are.
  server.listen(0, CLIENTS);
  await once(server, "listening");
  return { asked, server, url: `http://${CLIENTS}:${(server.address() as AddressInfo).port}/v1/sms` };
}

test("an SMS service is described, tried, and told of with what it has answered", async ({ room }) => {
  const { asked, server, url } = await service();
  const { page } = await room.organizer();
  await page.goto(`${room.box.url}/reglages-de-la-boite`);
  const section = page.getByRole("region", { name: exactly("Envoi des SMS") });
  await section.getByText(words("La boîte envoie les codes de connexion par SMS")).click();
  const field = (label: string) => section.getByLabel(words(label));
  const area = (label: string) => section.getByRole("textbox", { name: exactly(label) });
  await field("Adresse du service").fill(url);
  await area("En-têtes, un par ligne").fill("X-Api-Key: {secret}");
  await area("Corps").fill('{"to": "{number}", "message": "{text}"');
  await field("Secret donné par le service").fill("s3cret");
  await field("Réponse attendue").fill("queued");
  const attempt = section.getByRole("button", { name: exactly("Envoyer un SMS d'essai") });
  await attempt.click();
  await expect(section.getByText(words("ce corps n'est pas du JSON"))).toBeVisible();
  expect(asked).toEqual([]);

  await area("Corps").fill('{"to": "{number}", "message": "{text}"}');
  await attempt.click();
  await expect(
    section.getByText(words("La réponse du service ne contient pas le texte attendu")),
  ).toBeVisible();
  await section.getByText(words("Détails pour le support")).click();
  await expect(section.getByText(/no credit left/)).toBeVisible();
  await section.screenshot({ path: `${artefacts("sms")}/refused.png` });
  await attempt.click();
  await expect(section.getByText(words("Le SMS d'essai est parti vers +33"))).toBeVisible();
  expect(asked[1]?.key).toBe("s3cret");
  expect(asked[1]?.body.to).toMatch(/^\+33/);
  expect(asked[1]?.body.message).toContain("l'envoi de SMS fonctionne");
  server.close();
});
