import { useMutation, useQuery } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { download, type NamedFile } from "./download";

export type Kept = Schemas["PersonalData"];

export function useRetention() {
  return useQuery<Kept, ApiProblem>({
    queryKey: ["personal-data"],
    queryFn: () => answered(api.GET("/api/personal-data")),
  });
}

/** The file is in no page: the browser keeps it. */
export function usePersonExport() {
  return useMutation<NamedFile, ApiProblem, string>({
    mutationFn: (person) => download("/api/personal-data/export", { person }),
  });
}
