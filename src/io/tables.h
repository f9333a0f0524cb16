// Results as text a spreadsheet or script can read: traces, predictions, metrics. Tab-separated, one header
// line, numbers as %.9g (a float comes back to the same bits). Cells that a spreadsheet would run as a
// formula are quoted.
#pragma once
#include <string>

#include "bio/dataset.h"
#include "rnn/trace.h"

namespace ribostep::io {

// One row per position 1..L: position, letter, then h, c and gates of every layer, and the outputs. A layer
// whose step stands for several letters (codons, windows) shows that step beside each of them.
// Column names: "l0.h[3]", "l0.i[3]", "l0_reverse.c[0]", "p(promoter)"; of a series "predicted(0)".
// A row for position 0 stands above them if a layer starts from something other than zeros: what feeds the
// first step it reads, NA in the columns of gates and outputs.
std::string trace_tsv(const rnn::Network& net, const rnn::Trace& trace, std::string_view letters,
                      const std::vector<std::string>& output_names);
std::string layer_name(const rnn::Layer& layer);  // "l0", "l1_reverse": as in the names of the weights
// What the first step that a layer reads is fed by; h is null when there is no step.
rnn::Fed fed_first(const rnn::Layer& layer, const rnn::LayerTrace& trace);
bool starts_from_something(const rnn::Network& net, const rnn::Trace& trace);
std::string number(double value);  // "%.9g"
std::string tsv_cell(
    std::string_view);  // tabs and newlines become spaces; = + - @ at the start get a leading '
// The same with what FASTA cannot hold: a table of id, label, sequence, annotation and what else the headers
// say, as the reader takes it back.
std::string to_table(const bio::Dataset& data, const bio::Labels& labels);
// A set of series, a position a row: id, label, [what is said of the series], position, values, annotation.
std::string to_series_table(const bio::Dataset& data, const bio::Labels& labels);
// Whichever of the three holds all of it.
std::string data_text(const bio::Dataset& data, const bio::Labels& labels);
// FASTA with label= and topology kept in the header, 70 letters a line.
std::string to_fasta(const bio::Dataset& data, const bio::Labels& labels);

}  // namespace ribostep::io
