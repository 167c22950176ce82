/** A page without an application: it sends a camera to an engine, or shows what comes from one. */
import type { Page } from "@playwright/test";
import type { Browser } from "../harness/browser.ts";
import type { Description } from "./janus.ts";

/** Never asked: each request to it is answered here. Devices and WebRTC need a secure origin. */
const ORIGIN = "https://bare.test/";

/** In the browser's only tab, as the product's pages: what is hidden behind another tab is not shown. */
export async function barePage(browser: Browser): Promise<Page> {
  const page = await browser.page();
  await page.route(`${ORIGIN}**`, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>bare</title>" }),
  );
  await page.goto(ORIGIN);
  return page;
}

/** Offers the camera and the microphone as the product's page does, the picture in these encodings. */
export async function offerCamera(page: Page, encodings: RTCRtpEncodingParameters[]): Promise<Description> {
  return await page.evaluate(async (sendEncodings) => {
    const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    for (const track of stream.getTracks()) {
      if (track.kind === "audio") connection.addTransceiver(track, { direction: "sendonly" });
      else {
        track.contentHint = "motion";
        const line = connection.addTransceiver(track, { direction: "sendonly", sendEncodings });
        const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
        line.setCodecPreferences(codecs.filter(({ mimeType }) => /H264|rtx/.test(mimeType)));
      }
    }
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete")
      await new Promise((done) =>
        connection.addEventListener("icegatheringstatechange", done, { once: true }),
      );
    return { type: "offer" as const, sdp: connection.localDescription?.sdp ?? "" };
  }, encodings);
}

interface Keeper {
  connections?: RTCPeerConnection[];
}

/** The engine's answer to {@link offerCamera}. */
export async function answered(page: Page, answer: Description): Promise<void> {
  await page.evaluate(async (answer) => {
    await (globalThis as Keeper).connections?.at(-1)?.setRemoteDescription(answer);
  }, answer);
}

/** Takes an engine's offer, and shows its picture over the whole page. */
export async function show(page: Page, offer: Description): Promise<Description> {
  return await page.evaluate(async (offer) => {
    const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    connection.ontrack = ({ track }) => {
      const element = document.createElement(track.kind as "audio" | "video");
      element.autoplay = true;
      element.style.width = "100%";
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
    };
    await connection.setRemoteDescription(offer);
    // Who may not hear it is told by a name of the browser's own instead of its address, which Janus waits for in vain.
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== "complete")
      await new Promise((done) =>
        connection.addEventListener("icegatheringstatechange", done, { once: true }),
      );
    for (const track of microphone.getTracks()) track.stop();
    return { type: "answer" as const, sdp: connection.localDescription?.sdp ?? "" };
  }, offer);
}
