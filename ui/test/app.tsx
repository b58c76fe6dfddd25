import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "@/app/app";
import { resetFakeWorld } from "@/host/fake/core";
import { TipProvider } from "@/kit/tip";
import { makeQueryClient } from "@/lib/query";

/** The whole window on the fake program. `scene` as in src/host/fake/world.ts. */
export const openApp = (scene = "") => openPage(scene, false);

/** The quick window. */
export const openQuick = (scene = "") => openPage(scene, true);

function openPage(scene: string, quick: boolean) {
  const world = resetFakeWorld(scene);
  const user = userEvent.setup();
  const { container } = render(
    <QueryClientProvider client={makeQueryClient()}>
      <TipProvider>
        <App quick={quick} />
      </TipProvider>
    </QueryClientProvider>,
  );
  return { world, user, container };
}

export const composer = () => screen.findByTestId("composer");

/** The row of a chat in the list. */
export const row = (title: string) => screen.findByRole("button", { name: title });

export async function openChat(user: ReturnType<typeof userEvent.setup>, title: string) {
  await user.click(await row(title));
  await screen.findAllByTestId("message");
}

export const answers = () => screen.getAllByTestId("message").filter((message) => message.dataset.role === "assistant");
