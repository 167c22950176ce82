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
 * Asks for camera and microphone at once, and for one alone where the other cannot be had. After a refusal of both
 * together the microphone is asked for alone: who does not want to be seen may still want to be heard.
 * @param media undefined on a page that is not secure
 */
export async function openDevices(media: MediaDevices | undefined): Promise<Devices> {
  if (!media) return { stream: new MediaStream(), camera: "insecure", microphone: "insecure" };
  try {
    const stream = await media.getUserMedia({ audio: AUDIO, video: VIDEO });
    return { stream, camera: null, microphone: null };
  } catch (both) {
    if (problem(both) === "refused") return await microphoneAlone(media);
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

/** What is off sends silence, or black. */
export function switchTracks(stream: MediaStream, on: { microphone: boolean; camera: boolean }): void {
  for (const track of stream.getAudioTracks()) track.enabled = on.microphone;
  for (const track of stream.getVideoTracks()) track.enabled = on.camera;
}

/** Gives the devices back: the camera's lamp goes out. */
export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function microphoneAlone(media: MediaDevices): Promise<Devices> {
  try {
    const stream = await media.getUserMedia({ audio: AUDIO });
    return { stream, camera: "refused", microphone: null };
  } catch (error) {
    return { stream: new MediaStream(), camera: "refused", microphone: problem(error) };
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

/** A frame rate at which text stays sharp on a usual line. */
const SCREEN_RATE = 15;

/** Whether this browser can show a screen: phones' cannot. */
export function canShareScreen(media: MediaDevices | undefined): boolean {
  return typeof media?.getDisplayMedia === "function";
}

/** The screen, window or tab that the user chooses, with its sound; null where the user chooses none. */
export async function chooseScreen(media: MediaDevices): Promise<MediaStream | null> {
  try {
    return await media.getDisplayMedia({
      video: { frameRate: { max: SCREEN_RATE }, width: { max: 1920 }, height: { max: 1080 } },
      audio: true,
    });
  } catch (error) {
    if ((error as DOMException).name === "NotAllowedError") return null;
    throw error;
  }
}
