import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiProblem, answered, api, type ErrorView, type Schemas } from "../api/client";

export type Updating = Schemas["UpdatingView"];
export type Installation = Schemas["Installation"];

const KEY = "updates";
/** What the box takes, in bytes (`domain::updates::LARGEST_UPDATE`). */
export const LARGEST_UPDATE = 1200 * 2 ** 20;

/** Followed closely while something is being done, and also while the box restarts and does not answer. */
export function useUpdates() {
  return useQuery<Updating, ApiProblem>({
    queryKey: [KEY],
    queryFn: () => answered(api.GET("/api/system/updates")),
    refetchInterval: ({ state }) =>
      state.status === "error" || state.data?.activity.state !== "idle" ? 1000 : 5000,
    retry: false,
  });
}

export function useUpdateActions() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: [KEY] });
  const look = useMutation<unknown, ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/updates/look")),
    onSettled,
  });
  const install = useMutation<unknown, ApiProblem, Installation>({
    mutationFn: (body) => answered(api.POST("/api/system/updates/installation", { body })),
    onSettled,
  });
  const restart = useMutation<unknown, ApiProblem, boolean>({
    mutationFn: (despite_people) =>
      answered(api.POST("/api/system/updates/restart", { body: { despite_people } })),
    onSettled,
  });
  const send = useMutation<void, ApiProblem, { file: File; again: boolean; onSent(share: number): void }>({
    mutationFn: ({ file, again, onSent }) => upload(file, again, onSent),
    onSettled,
  });
  return { look, install, restart, send };
}

/** Whether nothing may be begun now. */
export function isBusy({ activity, installed, trial }: Updating): boolean {
  return activity.state !== "idle" || Boolean(installed) || Boolean(trial);
}

/** Whole ones. */
export function megabytes(bytes: number | null | undefined): number {
  return Math.round((bytes ?? 0) / 1e6);
}

/** By XMLHttpRequest, which tells how much was sent. @param onSent from 0 to 1 */
function upload(file: File, again: boolean, onSent: (share: number) => void): Promise<void> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/system/updates/upload?again=${again}`);
    request.setRequestHeader("X-Tabellion", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 0);
    request.onerror = () => fail(new ApiProblem(0, null));
    request.onload = () => {
      if (request.status < 300) done();
      else fail(new ApiProblem(request.status, refusal(request.responseText)));
    };
    request.send(file);
  });
}

function refusal(text: string): ErrorView | null {
  try {
    return (JSON.parse(text) as { error?: ErrorView }).error ?? null;
  } catch {
    return null;
  }
}
