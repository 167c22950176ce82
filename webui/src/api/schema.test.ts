import { readFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

it("the types are those of the box's committed description (npm run generate)", async () => {
  const description = JSON.parse(readFileSync("../appliance/web/openapi.json", "utf8"));
  const fresh = astToString(await openapiTS(description));
  const committed = readFileSync("src/api/schema.d.ts", "utf8");
  expect(committed.endsWith(fresh)).toBe(true);
});
