import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Refused } from "../shell/faces";
import { useFind } from "./queries";
import { isUsername } from "./usernames";

/** From a username to the profile; the API finds the whole name only. */
export function FindBuilder() {
  const { t } = useTranslation("builders");
  const navigate = useNavigate();
  const find = useFind();
  const [username, setUsername] = useState("");
  const [isWrong, setIsWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsWrong(!isUsername(username));
    if (!isUsername(username)) return;
    find.mutate(username, { onSuccess: (found) => found && void navigate(`/builders/${found.user_id}`) });
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-start" gap="xs">
        <TextInput
          label={t("findByUsername")}
          value={username}
          maw={260}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={isWrong ? t("usernameRule") : find.data === null && t("nobody")}
          onChange={(event) => {
            setUsername(event.currentTarget.value.trim());
            setIsWrong(false);
            find.reset();
          }}
        />
        <Button type="submit" variant="default" loading={find.isPending} mt={25}>
          {t("find")}
        </Button>
      </Group>
      {find.isError && <Refused reason={find.error} />}
    </form>
  );
}
