import { beforeAll, expect, it } from "vitest";
import { openDevices } from "./devices";

beforeAll(() => {
  (globalThis as { MediaStream?: unknown }).MediaStream = class {
    constructor(readonly tracks: unknown[] = []) {}
    getTracks = () => this.tracks;
  };
});

const named = (name: string) => Object.assign(new Error(name), { name });

/** A browser that answers for the camera and for the microphone. */
function browser(answers: { video?: Error; audio?: Error }): MediaDevices {
  return {
    getUserMedia: (asked: MediaStreamConstraints) => {
      const problem = (asked.video && answers.video) || (asked.audio && answers.audio);
      if (problem) return Promise.reject(problem);
      const kinds = (["audio", "video"] as const).filter((kind) => asked[kind]);
      return Promise.resolve(
        new MediaStream(kinds.map((kind) => ({ kind })) as unknown as MediaStreamTrack[]),
      );
    },
  } as unknown as MediaDevices;
}

it("opens both at once", async () => {
  const { stream, camera, microphone } = await openDevices(browser({}));
  expect(stream.getTracks().map(({ kind }) => kind)).toEqual(["audio", "video"]);
  expect([camera, microphone]).toEqual([null, null]);
});

it("keeps the microphone where no camera is found", async () => {
  const devices = await openDevices(browser({ video: named("NotFoundError") }));
  expect(devices.stream.getTracks().map(({ kind }) => kind)).toEqual(["audio"]);
  expect(devices).toMatchObject({ camera: "missing", microphone: null });
});

it("says that another program holds the camera", async () => {
  expect(await openDevices(browser({ video: named("NotReadableError") }))).toMatchObject({ camera: "busy" });
});

it("keeps the microphone where only the camera is refused", async () => {
  const devices = await openDevices(browser({ video: named("NotAllowedError") }));
  expect(devices.stream.getTracks().map(({ kind }) => kind)).toEqual(["audio"]);
  expect(devices).toMatchObject({ camera: "refused", microphone: null });
});

it("takes a refusal of both for what it is", async () => {
  const refusal = named("NotAllowedError");
  const devices = await openDevices(browser({ video: refusal, audio: refusal }));
  expect(devices).toMatchObject({ camera: "refused", microphone: "refused" });
  expect(devices.stream.getTracks()).toEqual([]);
});

it("says that no microphone is there beside a camera that is refused", async () => {
  const devices = await openDevices(
    browser({ video: named("NotAllowedError"), audio: named("NotFoundError") }),
  );
  expect(devices).toMatchObject({ camera: "refused", microphone: "missing" });
});

it("says where the page's address is the fault", async () => {
  expect(await openDevices(undefined)).toMatchObject({ camera: "insecure", microphone: "insecure" });
});
