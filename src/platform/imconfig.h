// Dear ImGui's compile-time settings for this project (IMGUI_USER_CONFIG), seen by ImGui itself and by
// src/ui.
#pragma once

// WebGL has no base-vertex offset, so one draw list may hold more than 64k vertices only with 32-bit indices.
#define ImDrawIdx unsigned int

#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_DISABLE_DEMO_WINDOWS
#define IMGUI_DISABLE_DEBUG_TOOLS
// Fonts and files reach the program as bytes from the page; nothing is opened by name.
#define IMGUI_DISABLE_FILE_FUNCTIONS
