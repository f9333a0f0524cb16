// What stands in every saved figure and table: which program, model, settings, seed, weights and letters it
// was made from.
#pragma once
#include <string>
#include <vector>

#include "io/figure_table.h"
#include "session/session.h"

namespace ribostep::session {

// Positions first..last of the current sequence, counted from 1; first 0: the whole set, not one sequence.
io::Facts facts_of(const Session& session, int first, int last);
// The same for people, in two or three lines.
std::vector<std::string> caption_of(const Session& session, int first, int last);
// Of the contributions on show: what they are of, by which method, and whether they can be believed. Empty
// while there are none.
io::Facts attribution_facts(const Session& session);
// "lacZ_1-57"
std::string figure_name(const Session& session, int first, int last);

// A table of the text mirror as TSV with these facts: "step" (the one at the cursor), "curve" (of training),
// or the id of a facet's section. Empty when there is none.
std::string mirror_table_tsv(const Session& session, const std::string& id);
std::vector<std::string> mirror_tables(const Session& session);  // ids that have a table now

}  // namespace ribostep::session
