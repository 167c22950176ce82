import { useMutation, useQuery } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Kept = Schemas["PersonalData"];

export function useRetention() {
  return useQuery<Kept, ApiProblem>({
    queryKey: ["personal-data"],
    queryFn: () => answered(api.GET("/api/personal-data")),
  });
}

/** Has the browser keep the file: its text is in no page. */
export function usePersonExport() {
  return useMutation<unknown, ApiProblem, string>({
    mutationFn: async (person) => {
      const text = await answered<string>(
        api.POST("/api/personal-data/export", { body: { person }, parseAs: "text" }) as never,
      );
      keep(text, "donnees-personnelles.json");
    },
  });
}

function keep(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has taken it by the time it comes to this.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
