import { Button, Group, NativeSelect, Stack, TextInput, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Permitted } from "../records/permitted";
import { Refused } from "../shell/faces";
import { AttributeRows } from "./attribute-rows";
import { type Purpose, useRegisterForm } from "./register-form";

const PURPOSES: Purpose[] = ["REGISTER", "PROGRAM_REGISTER", "TABLE"];

/** Creates a register with its attributes. */
export function NewRegisterPage() {
  const { t } = useTranslation("registers");
  return (
    <Stack maw={720}>
      <Title order={1}>{t("create")}</Title>
      <Permitted permissions={["register:manage"]}>
        <Form />
      </Permitted>
    </Stack>
  );
}

function Form() {
  const { t } = useTranslation("registers");
  const form = useRegisterForm();
  return (
    <form ref={form.ref} onSubmit={form.submit} noValidate>
      <Stack>
        <TextInput
          label={t("mnemonic")}
          withAsterisk
          required
          maxLength={128}
          value={form.mnemonic}
          error={form.mnemonicError}
          onChange={(event) => form.setMnemonic(event.currentTarget.value)}
        />
        <NativeSelect
          label={t("purpose")}
          description={t("purposeMeans")}
          value={form.purpose}
          onChange={(event) => form.setPurpose(event.currentTarget.value as Purpose)}
          data={PURPOSES.map((value) => ({ value, label: t(`purpose_${value}`) }))}
        />
        <AttributeRows rows={form.rows} errorOf={form.errorOf} onChange={form.setRows} />
        {form.refused !== null && <Refused reason={form.refused} />}
        <Group>
          <Button type="submit" loading={form.isPending}>
            {t("create")}
          </Button>
          <Button component={Link} to="/registers" variant="default">
            {t("cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
