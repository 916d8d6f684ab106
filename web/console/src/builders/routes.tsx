import type { RouteObject } from "react-router";
import { LeaderboardPage } from "./leaderboard-page";
import { OwnPage } from "./own/own-page";
import { ProfilePage } from "./profile-page";

export const builderRoutes: RouteObject[] = [
  { path: "/builders", Component: LeaderboardPage },
  { path: "/builders/me", Component: OwnPage },
  { path: "/builders/:userId", Component: ProfilePage },
];
