import { useQuery } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Brand = Schemas["BrandView"];

/** In whose name the service is given, and whom to turn to (AUTH-06). */
export function useBrand() {
  return useQuery<Brand, ApiProblem>({
    queryKey: ["brand"],
    queryFn: () => answered(api.GET("/api/brand")),
    staleTime: 60_000,
  });
}

/** «Nos CGV» and «Responsabilité». */
export function useLegal() {
  return useQuery<Schemas["LegalView"], ApiProblem>({
    queryKey: ["brand", "legal"],
    queryFn: () => answered(api.GET("/api/brand/legal")),
    staleTime: 60_000,
  });
}
