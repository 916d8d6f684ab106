import { Alert, Button, Code, Group, Modal, Stack, Table, Title } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { useMay } from "../session/session";
import { Confirmed } from "../shell/confirmed";
import { Empty, Loaded, NoPermission, Refused } from "../shell/faces";
import { localeFor } from "../shell/locale";
import { Wide } from "../shell/wide";
import { useChangeWeighted, useWeighted } from "./queries";
import type { Definition } from "./rules";
import { WeightedForm } from "./weighted-form";

type Attribute = Schemas["ContributingAttribute"];

/** What a definition weighs; it computes nothing until there is one. */
export function WeightedAttributes({ definition, onChanged }: { definition: Definition; onChanged: () => void }) {
  const { t } = useTranslation("definitions");
  const mayView = useMay("registerScore:view");
  const weighted = useWeighted(definition.score_definition_id, mayView);
  return (
    <Stack component="section">
      <Title order={2} size="h3" mt="lg">
        {t("weighted")}
      </Title>
      {mayView ? (
        <Loaded query={weighted}>
          {(attributes) => <Weighted definition={definition} attributes={attributes} onChanged={onChanged} />}
        </Loaded>
      ) : (
        <NoPermission permission="registerScore:view" />
      )}
    </Stack>
  );
}

interface WeightedProps {
  definition: Definition;
  attributes: Attribute[];
  onChanged: () => void;
}

function Weighted({ definition, attributes, onChanged }: WeightedProps) {
  const { t } = useTranslation(["definitions", "shell"]);
  const mayCreate = useMay("registerScore:create");
  // null: a new one; undefined: none
  const [edited, setEdited] = useState<Attribute | null | undefined>();
  const [isLeaving, setIsLeaving] = useState(false);
  const isDirty = useRef(() => false);
  const close = () => {
    setIsLeaving(false);
    setEdited(undefined);
  };
  return (
    <>
      {attributes.length === 0 ? (
        <Empty>{t("noWeighted")}</Empty>
      ) : (
        <Wide label={t("weighted")}>
          <WeightedTable attributes={attributes} onEdit={setEdited} onChanged={onChanged} />
        </Wide>
      )}
      {mayCreate && (
        <Group>
          <Button variant="default" onClick={() => setEdited(null)}>
            {t("addWeighted")}
          </Button>
        </Group>
      )}
      <Modal
        opened={edited !== undefined}
        onClose={() => (isDirty.current() ? setIsLeaving(true) : close())}
        closeOnClickOutside={false}
        title={edited ? t("editWeighted", { path: edited.attribute_name }) : t("addWeighted")}
        closeButtonProps={{ "aria-label": t("shell:back") }}
      >
        {edited !== undefined && (
          <WeightedForm
            definition={definition}
            attribute={edited}
            taken={attributes.filter((one) => one !== edited).map((one) => one.attribute_name)}
            onSaved={() => {
              close();
              onChanged();
            }}
            isDirty={isDirty}
          >
            {isLeaving && <Leaving onStay={() => setIsLeaving(false)} onLeave={close} />}
          </WeightedForm>
        )}
      </Modal>
    </>
  );
}

/** Asks before what was typed is lost. */
function Leaving({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const { t } = useTranslation("shell");
  return (
    <Alert role="alert" color="yellow" title={t("unsavedTitle")}>
      {t("unsavedText")}
      <Group mt="sm">
        <Button variant="default" size="xs" autoFocus onClick={onStay}>
          {t("stay")}
        </Button>
        <Button color="red" size="xs" onClick={onLeave}>
          {t("leave")}
        </Button>
      </Group>
    </Alert>
  );
}

interface WeightedTableProps {
  attributes: Attribute[];
  onEdit: (attribute: Attribute) => void;
  onChanged: () => void;
}

function WeightedTable({ attributes, onEdit, onChanged }: WeightedTableProps) {
  const { t, i18n } = useTranslation("definitions");
  const number = new Intl.NumberFormat(localeFor(i18n.language), { maximumFractionDigits: 12 });
  const mayEdit = useMay("registerScore:edit");
  return (
    <Table miw={560}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t("attribute")}</Table.Th>
          <Table.Th scope="col">{t("weightage")}</Table.Th>
          <Table.Th scope="col">{t("mapping")}</Table.Th>
          {mayEdit && <Table.Th scope="col">{t("actions")}</Table.Th>}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {attributes.map((one) => (
          <Table.Tr key={one.contributing_attribute_id}>
            <Table.Th scope="row">
              <bdi>{one.attribute_name}</bdi>
            </Table.Th>
            <Table.Td>{number.format(one.attribute_weightage)}</Table.Td>
            <Table.Td>
              {one.attribute_computation_required ? (
                <Code dir="ltr">{JSON.stringify(one.attribute_computation_value)}</Code>
              ) : (
                t("none")
              )}
            </Table.Td>
            {mayEdit && (
              <Table.Td>
                <Actions attribute={one} onEdit={onEdit} onChanged={onChanged} />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

type ActionsProps = Omit<WeightedTableProps, "attributes"> & { attribute: Attribute };

function Actions({ attribute, onEdit, onChanged }: ActionsProps) {
  const { t } = useTranslation("definitions");
  const change = useChangeWeighted();
  const { attribute_name: path, contributing_attribute_id } = attribute;
  return (
    <Stack gap="xs">
      <Group gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t("editWeighted", { path })}
          onClick={() => onEdit(attribute)}
        >
          {t("edit")}
        </Button>
        <Confirmed
          size="compact-sm"
          variant="outline"
          color="red"
          loading={change.isPending}
          label={t("remove")}
          ariaLabel={t("removeOf", { path })}
          question={t("removeQuestion", { path })}
          onConfirm={() =>
            change.mutate({ kind: "delete", body: { contributing_attribute_id } }, { onSuccess: onChanged })
          }
        >
          {t("removeText")}
        </Confirmed>
      </Group>
      {change.error !== null && <Refused reason={change.error} />}
    </Stack>
  );
}
