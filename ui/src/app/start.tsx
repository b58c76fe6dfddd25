import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/source-serif-4/index.css";
import "@fontsource-variable/source-serif-4/wght-italic.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "@/kit/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { TipProvider } from "@/kit/tip";
import { makeQueryClient } from "@/lib/query";
import { applyRememberedTextSize } from "@/lib/text-size";
import { applyRememberedTheme } from "@/lib/theme";
import { App } from "./app";
import { Boundary } from "./boundary";

applyRememberedTheme();
applyRememberedTextSize();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Boundary>
        <QueryClientProvider client={makeQueryClient()}>
          <TipProvider>
            <App quick={window.location.hash === "#quick"} />
          </TipProvider>
        </QueryClientProvider>
      </Boundary>
    </StrictMode>,
  );
}
