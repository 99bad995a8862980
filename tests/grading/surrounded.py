"""Right classes, in whatever surrounds them and however they are written."""

from tests.grading.cases import Case, cells, right

SURROUNDED = [
    right("as it should be"),
    right("the authors' form", "{official}"),
    right("written to a file", cells("%%writefile a.py\n{source}", "from a import MinimalDETR")),
    right("written to a file that nothing imports", cells("%%writefile a.py\n{source}", "1")),
    right("missing modules", "import ipywidgets, google.colab as c\nc.drive.mount('/x')\n{source}"),
    right("a decorator of a missing module", "import jaxed\n{imports}\n@jaxed.typed\n{class}"),
    right("a missing picture above", "open('photo.jpg')\n{source}", "costs nothing: FileNotFound"),
    right("a missing picture in the cell", cells("{imports}\nx = open('photo')\n{class}", "x")),
    right("a question", "name = input('Who? ')\n{source}", "which costs nothing"),
    right("a broken cell behind", cells("{source}", "1 / 0"), "costs nothing: ZeroDivision"),
    right("prose in a code cell", cells("{source}", "The boxes are (cx, cy), so it's good.")),
    right("prose in the class's cell", cells("{imports}", "I did it this way:\n{class}")),
    right("newer syntax", cells("{source}", "def f[**P: (int) = 3](x): ...")),
    right("newer syntax in a .py", "{source}\nmatch = template t'x'\n"),
    right("a shell line over two", cells("!pip install a \\\n  b -q", "{source}")),
    right("magics", cells("%matplotlib inline\n%load_ext x\n{source}", "!ls", "MinimalDETR?")),
    right("a timed cell", cells("%%time\n{source}", "%time MinimalDETR")),
    right(
        "display and await", cells("{source}", "display(3)\nimport asyncio\nawait asyncio.sleep(0)")
    ),
    right("exported by nbconvert", "get_ipython().system('pip install x')\n# In[2]:\n{source}"),
    right(
        "a magic exported by nbconvert",
        "get_ipython().run_cell_magic('time', '', {source!r})\n",
    ),
    right("exported by Colab", "# -*- coding: utf-8 -*-\n!pip install x\n%cd y\n{source}"),
    right("no gradients anywhere", "import torch\ntorch.set_grad_enabled(False)\n{source}"),
    right("exits", "{source}\nexit()\nimport sys\nsys.exit(1)\n"),
    right("loops behind", "{source}\nLOST()\n", "costs nothing"),
    right("a cell indented", cells("{imports}", "  x = 1\n  y = 2\n", "{class}")),
    right("the template first", cells("{imports}", "{student}", "{class}")),
    right("the template last", cells("{imports}", "{class}", "{student}")),
    right("two copies, the last right", cells("{source}\nMinimalDETR = None", "{source}")),
    right(
        "a function defined below",
        "{source}\ndef head(x): return x.sigmoid()\n",
        sigmoid="head(self.linear_bbox(answers))",
    ),
    right(
        "a helper",
        "import torch.nn.functional as F\n{source}",
        sigmoid="F.sigmoid(self.linear_bbox(answers))",
    ),
    right(
        "an answer over lines",
        transformer="nn.Transformer(\n            hidden_dim, nheads,\n"
        "            num_encoder_layers, num_decoder_layers,\n        )",
    ),
    Case("default weights", changes={"resnet50()": 'resnet50(weights="DEFAULT")'}),
    Case("pretrained", changes={"resnet50()": "resnet50(pretrained=True)"}),
    Case(
        "a list of modules",
        "{official}",
        changes={
            "        del self.backbone.fc\n": "        parts = list(self.backbone.children())\n"
            "        self.backbone = nn.Sequential(*parts[:-2])\n",
            "net.maxpool(net.relu(net.bn1(net.conv1(inputs))))": "net(inputs)",
            "net.layer4(net.layer3(net.layer2(net.layer1(x))))": "x",
        },
        says="(inside `backbone`)",
    ),
    Case(
        "other names",
        "{official}",
        changes={
            "self.query_pos": "self.query_embed",
            "self.linear_bbox": "self.box_head",
            "self.row_embed": "self.ys",
            "self.col_embed": "self.xs_col",
            "self.conv": "self.proj",
        },
        says="other names than the exercise",
    ),
    Case(
        "other arguments",
        "{official}",
        changes={
            "hidden_dim": "d_model",
            "num_queries": "queries",
        },
        says="Its arguments have other names",
    ),
    Case(
        "no number of queries",
        "{official}",
        changes={
            ", num_queries=100": "",
            "num_queries": "100",
        },
        says="has no argument `num_queries`",
    ),
    Case(
        "batch first throughout",
        "{official}",
        changes={
            "num_decoder_layers)\n": "num_decoder_layers, batch_first=True)\n",
            ".flatten(0, 1).unsqueeze(1)": ".flatten(0, 1).unsqueeze(0)",
            "permute(2, 0, 1)": "permute(0, 2, 1)",
            "self.query_pos.unsqueeze(1)).transpose(0, 1)": "self.query_pos.unsqueeze(0))",
        },
    ),
    Case(
        "embeddings for parameters",
        "{official}",
        changes={
            "nn.Parameter(torch.rand(num_queries, hidden_dim))": "nn.Embedding(num_queries, "
            "hidden_dim)",
            "self.query_pos.unsqueeze": "self.query_pos.weight.unsqueeze",
        },
        says="(inside `query_pos`)",
    ),
    Case("two spaces", changes={"    ": "  "}),
    Case("lines that end as on Windows", changes={"\n": "\r\n"}),
    Case(
        "encoder and decoder by hand",
        "{official}",
        changes={
            "self.transformer(pos": "self.run(pos",
            "    def forward": "    def run(self, source, queries):\n"
            "        memory = self.transformer.encoder(source)\n"
            "        return self.transformer.decoder(queries, memory)\n\n    def forward",
        },
    ),
    right(
        "a method set later",
        "{source}\nMinimalDETR.head = lambda _, x: x.sigmoid()\n",
        sigmoid="self.head(self.linear_bbox(answers))",
    ),
    right("loops above", "import time\nLOST()\n{source}", "costs nothing"),
    right("a network by name", "{source}\nimport torch\ntorch.hub.load('a/b', 'c')\n"),
    right("no module of that name", "from minimal import helper\n{source}"),
    right("asks for a graphics card", "import torch\nassert torch.cuda.is_available()\n{source}"),
]
