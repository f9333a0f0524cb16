// The middle and the right of the screen, as the app calls them.
#pragma once
#include <imgui.h>

#include "session/session.h"
#include "ui/fonts.h"
#include "ui/texture.h"
#include "ui/theme.h"
#include "ui/ui_state.h"

namespace ribostep::ui {

// Both draw inside the current child window, at the cursor, and use `size` of it.
void draw_tracks(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                 TextureStore& textures, ImVec2 size);
void draw_inspector(session::Session& session, UiState& ui, const Theme& theme, const FontSet& fonts,
                    ImVec2 size);

}  // namespace ribostep::ui
