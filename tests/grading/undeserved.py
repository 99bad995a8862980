"""What gives the right numbers and deserves no pass, or is to be looked at."""

from tests.grading.cases import Case, altered, cells, wrong

UNDESERVED = [
    wrong(
        "queries ask for no gradient",
        "asks for no gradient",
        queries="torch.rand(num_queries, hidden_dim), requires_grad=False",
    ),
    wrong("queries detached", "no gradient reaches", target="self.query_pos.detach().unsqueeze(1)"),
    wrong("columns detached", "no gradient reaches", columns="self.col_embed[:w].detach()"),
    wrong("cells detached", "no gradient reaches", source="positions + 0.1 * cells.detach()"),
    wrong(
        "boxes rounded",
        "no gradient reaches",
        sigmoid="self.linear_bbox(answers).sigmoid().mul(1e5).round().div(1e5)",
    ),
    wrong("boxes detached", sigmoid="self.linear_bbox(answers).sigmoid().detach()"),
    wrong(
        "other dropout",
        "rate of dropout is 0.9",
        transformer="nn.Transformer(hidden_dim, "
        "nheads, num_encoder_layers, num_decoder_layers, dropout=0.9)",
    ),
    Case(
        "queries in a buffer",
        changes={
            "self.query_pos = nn.Parameter(torch.rand(num_queries, "
            "hidden_dim))": 'self.register_buffer("query_pos", torch.rand(num_queries, hidden_dim))'
        },
        lost=frozenset({"queries"}),
        says="is no parameter",
    ),
    altered(
        "no_grad",
        {"    def forward": "    @torch.no_grad()\n    def forward"},
        says="no gradient reaches any parameter",
    ),
    altered(
        "frozen behind",
        {"\n    def features": "        self.requires_grad_(False)\n\n    def features"},
        says="asks for no gradient",
    ),
    altered(
        "answers detached for boxes",
        {"self.transformer(source, queries)": "self.transformer(source, queries).detach()"},
    ),
    altered(
        "more dropout in forward",
        {
            "cells = x.flatten(2)": "x = nn.functional.dropout(x, 0.5, "
            "self.training)\n        cells = x.flatten(2)"
        },
        says="in training",
    ),
    altered("flipped positions", {"dim=2)": "dim=2).flip(0)"}),
    altered("a stage left out", {"net.layer3, net.layer4": "net.layer4"}),
    altered("logits halved", {"self.linear_class(answers)": "0.5 * self.linear_class(answers)"}),
    altered("returns a tuple", {"return {": "return tuple, {"}, says="gives back"),
    Case(
        "the instructor's file", "{marked}", passed=False, says="markers of the instructor's file"
    ),
    Case(
        "imports the reference",
        "import generator.detr.minimal\n{source}",
        passed=False,
        says="imports the package",
    ),
    Case(
        "class became Markdown",
        cells("{imports}", "# Markdown\n{class}", "MinimalDETR(91)"),
        works=False,
        passed=False,
        lost=frozenset({"all"}),
        says="The class is in cell 2",
    ),
    altered(
        "a frozen backbone",
        {
            "x = self.conv(self.features(image))": "with torch.no_grad():\n            "
            "f = self.features(image)\n        x = self.conv(f)"
        },
        says="no gradient reaches `backbone`",
    ),
    altered("inference mode", {"    def forward": "    @torch.inference_mode()\n    def forward"}),
    altered(
        "no gradients after the first image",
        {
            "x = self.conv(": "image = image.detach()\n"
            "        self.requires_grad_(False)\n        x = self.conv("
        },
    ),
    wrong(
        "another activation",
        "another output than PyTorch's own",
        transformer="nn.Transformer("
        "hidden_dim, nheads, num_encoder_layers, num_decoder_layers, activation='gelu')",
    ),
    wrong(
        "no dropout",
        "rate of dropout is 0 and not 0.1",
        transformer="nn.Transformer("
        "hidden_dim, nheads, num_encoder_layers, num_decoder_layers, dropout=0.0)",
    ),
    wrong(
        "batch first",
        transformer="nn.Transformer(hidden_dim, nheads, num_encoder_layers, "
        "num_decoder_layers, batch_first=True)",
    ),
    wrong("boxes clamped", sigmoid="self.linear_bbox(answers).sigmoid().clamp(0.2, 0.8)"),
]
