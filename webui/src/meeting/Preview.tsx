import { useTranslation } from "react-i18next";
import type { DeviceProblem } from "../room/devices";
import type { Room, RoomState } from "../room/room";
import { Button, Notice } from "../ui/controls";
import { Camera, Microphone } from "../ui/icons";
import styles from "./meeting.module.css";
import { Picture } from "./Player";

/** One's own picture before joining, what is switched on, and what is wrong with the devices. */
export function Preview({ room, state }: { room: Room; state: RoomState }) {
  const { t } = useTranslation();
  const { devices, microphone, camera } = state;
  if (!devices) return <Notice>{t("devices.asking")}</Notice>;
  return (
    <div>
      <DeviceNotice camera={devices.camera} microphone={devices.microphone} />
      {devices.camera === null && (
        <div className={styles.preview}>
          {camera ? <Picture stream={devices.stream} own label={t("room.yourPicture")} /> : <Camera off />}
        </div>
      )}
      <div className={styles.toggles}>
        {devices.microphone === null && (
          <Button onPress={() => room.toggleMicrophone()}>
            <Microphone off={!microphone} />
            {t(microphone ? "room.microphoneOn" : "room.microphoneOff")}
          </Button>
        )}
        {devices.camera === null && (
          <Button onPress={() => room.toggleCamera()}>
            <Camera off={!camera} />
            {t(camera ? "room.cameraOn" : "room.cameraOff")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** What happened, and what to do; joining to see and listen stays possible. */
function DeviceNotice(props: { camera: DeviceProblem | null; microphone: DeviceProblem | null }) {
  const { t } = useTranslation();
  if (props.microphone === "refused") return <Notice kind="bad">{t("devices.refused.both")}</Notice>;
  if (props.camera === "insecure") return <Notice kind="bad">{t("devices.insecure")}</Notice>;
  const told = (["camera", "microphone"] as const).filter((device) => props[device]);
  return told.map((device) => (
    <Notice key={device} kind="bad">
      {t(`devices.${props[device]}.${device}`)}
    </Notice>
  ));
}
