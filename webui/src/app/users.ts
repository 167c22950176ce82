import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Account = Schemas["AccountView"];
export type Users = Schemas["UsersView"];
export type NewUser = Schemas["NewUserForm"];
export type UserChange = Schemas["UserChangeForm"];
export type Orders = Schemas["OrdersView"];
export type Order = Schemas["OrderView"];

const USERS = ["users"];
const ORDERS = ["orders"];

/** The office’s users, and what making another one needs. */
export function useUsers() {
  return useQuery<Users, ApiProblem>({ queryKey: USERS, queryFn: () => answered(api.GET("/api/users")) });
}

/** What was ordered, and the licences. A mail is taken by its server a moment after the order. */
export function useOrders() {
  return useQuery<Orders, ApiProblem>({
    queryKey: ORDERS,
    queryFn: () => answered(api.GET("/api/orders")),
    refetchInterval: ({ state }) =>
      state.data?.orders.some(({ delivery }) => delivery === "mailing") ? 2_000 : false,
  });
}

export function useUserActions() {
  const queries = useQueryClient();
  const onSettled = () =>
    Promise.all([USERS, ORDERS].map((queryKey) => queries.invalidateQueries({ queryKey })));
  const create = useMutation<Account, ApiProblem, NewUser>({
    mutationFn: (body) => answered(api.POST("/api/users", { body })),
    onSettled,
  });
  const change = useMutation<Account, ApiProblem, { id: number; body: UserChange }>({
    mutationFn: ({ id, body }) => answered(api.PATCH("/api/users/{id}", { params: { path: { id } }, body })),
    onSettled,
  });
  const remove = useMutation<unknown, ApiProblem, number[]>({
    mutationFn: (ids) => answered(api.POST("/api/users/deletion", { body: { ids } })),
    onSettled: async () => {
      await onSettled();
      // Whoever has deleted the own account is out.
      await queries.invalidateQueries({ queryKey: ["session"] });
    },
  });
  const sendCredentials = useMutation<unknown, ApiProblem, number>({
    mutationFn: (id) => answered(api.POST("/api/users/{id}/credentials", { params: { path: { id } } })),
    onSettled,
  });
  const order = useMutation<unknown, ApiProblem, number>({
    mutationFn: (count) => answered(api.POST("/api/orders/licences", { body: { count } })),
    onSettled,
  });
  const handOver = useMutation<unknown, ApiProblem, number>({
    mutationFn: (last) => answered(api.POST("/api/orders/handover", { body: { last } })),
    onSettled,
  });
  return { create, change, remove, sendCredentials, order, handOver };
}

/** What a refusal says beside each field. */
export function faultsOf(problem: ApiProblem | null): Record<string, string> {
  const faults = problem?.error?.["faults"] as { field: string; message: string }[] | undefined;
  return Object.fromEntries((faults ?? []).map(({ field, message }) => [field, message]));
}

/** «Monsieur DUBOIS, Jean». */
export function tableName({ civility, last_name, first_name }: Account): string {
  return `${civility} ${last_name.toLocaleUpperCase("fr")}, ${first_name}`.trim();
}
