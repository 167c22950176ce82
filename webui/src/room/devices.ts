/** Why there is no camera or no microphone; each is explained to the user with what to do. */
export type DeviceProblem = "refused" | "missing" | "busy" | "insecure";

export interface Devices {
  stream: MediaStream;
  camera: DeviceProblem | null;
  microphone: DeviceProblem | null;
}

const VIDEO: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 25, max: 30 },
};
const AUDIO: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/**
 * Asks for camera and microphone at once, and for one alone where the other cannot be had.
 * @param media undefined on a page that is not secure
 */
export async function openDevices(media: MediaDevices | undefined): Promise<Devices> {
  if (!media) return { stream: new MediaStream(), camera: "insecure", microphone: "insecure" };
  try {
    const stream = await media.getUserMedia({ audio: AUDIO, video: VIDEO });
    return { stream, camera: null, microphone: null };
  } catch (both) {
    if (problem(both) === "refused")
      return { stream: new MediaStream(), camera: "refused", microphone: "refused" };
    const [audio, video] = await Promise.allSettled([
      media.getUserMedia({ audio: AUDIO }),
      media.getUserMedia({ video: VIDEO }),
    ]);
    const tracks = [audio, video].flatMap((one) => (one.status === "fulfilled" ? one.value.getTracks() : []));
    return {
      stream: new MediaStream(tracks),
      microphone: audio.status === "rejected" ? problem(audio.reason) : null,
      camera: video.status === "rejected" ? problem(video.reason) : null,
    };
  }
}

function problem(error: unknown): DeviceProblem {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "refused";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "missing";
  }
}
