import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";
import look from "./dashboard.module.css";

interface Props {
  /** Whose menu it is. */
  name: string;
  /** What each does, and what it is called; one that is not possible now has nothing to do. */
  acts: readonly (readonly [label: string, run: (() => void) | null])[];
}

/** «…»: what can be done with an element of a tile (DASH-09). */
export function RowMenu({ name, acts }: Props) {
  const { t } = useTranslation();
  return (
    <MenuTrigger>
      <Button look="quiet" aria-label={t("home.tile.menu", { name })}>
        <span aria-hidden="true">…</span>
      </Button>
      <Popover placement="bottom end" className={look.popover ?? ""}>
        <Menu aria-label={t("home.tile.menu", { name })} className={look.menu ?? ""}>
          {acts.map(([label, run]) => (
            <MenuItem
              key={label}
              isDisabled={run === null}
              onAction={() => run?.()}
              className={look.item ?? ""}
            >
              {label}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
