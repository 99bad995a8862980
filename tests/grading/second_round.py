"""What a second reader handed in: other surroundings, other mistakes, other ways through."""

from tests.grading.cases import Case, altered, cells, right, wrong

SECOND_ROUND = [
    right(
        "colab from top to bottom",
        cells(
            "from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content",
            "{imports}",
            "%%time\n{class}",
            "!nvidia-smi\nmodel = MinimalDETR(91).to('cuda')",
        ),
        "costs nothing",
    ),
    right(
        "as Colab exports",
        "# -*- coding: utf-8 -*-\n!pip install \\\n    einops\n%matplotlib inline\n{source}\n"
        "get_ipython().system('ls')\n",
    ),
    right(
        "as nbconvert exports",
        "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\n"
        "get_ipython().run_line_magic('matplotlib', 'inline')\n\n\n# In[ ]:\n\n\n{source}",
    ),
    right(
        "syntax of Python 3.12 elsewhere",
        cells('type Box = tuple[int]\nx = {{\'a\': 1}}\nprint(f"{{x["a"]}}")', "{source}"),
    ),
    right("awaits", cells("import asyncio\nawait asyncio.sleep(0)", "{source}")),
    right(
        "a helper in a file",
        cells(
            "%%writefile heads.py\ndef squash(x):\n    return x.sigmoid()",
            "from heads import squash\n{imports}",
            "{class}",
        ),
        sigmoid="squash(self.linear_bbox(answers))",
    ),
    right(
        "under another name", "{source}\nMine = MinimalDETR\ndel MinimalDETR\nMinimalDETR = Mine"
    ),
    right(
        "a class that inherits it all",
        "{source}\nclass MinimalDETR(MinimalDETR):\n    pass\n",
    ),
    Case(
        "within try",
        changes={
            "class MinimalDETR": "try:\n  x = 1 / 0\nexcept ZeroDivisionError:\n  x = 0\n"
            "class MinimalDETR"
        },
    ),
    right("another precision", "import torch\ntorch.set_default_dtype(torch.float64)\n{source}"),
    Case("a mark before it", "\ufeff{source}"),
    Case(
        "identities for the last parts",
        changes={
            "        del self.backbone.fc": "        self.backbone.fc = nn.Identity()\n"
            "        self.backbone.avgpool = nn.Identity()"
        },
    ),
    Case(
        "prints and asserts",
        changes={
            "        h, w = x.shape[-2:]": "        h, w = x.shape[-2:]\n        print(h, w)\n"
            "        assert image.shape[0] == 1"
        },
    ),
    right("prompts", cells(">>> x = 1\n>>> x\n1", "{source}")),
    wrong("positions without their gradient", source="positions.data + 0.1 * cells"),
    wrong(
        "rounded to four digits",
        "no gradient reaches",
        sigmoid="self.linear_bbox(answers).sigmoid().round(decimals=4)",
    ),
    altered(
        "one more dropout of the same rate",
        {
            "        super().__init__()\n": "        super().__init__()\n"
            "        self.drop = nn.Dropout(0.1)\n",
            "self.linear_class(answers)": "self.linear_class(self.drop(answers))",
        },
        says="dropout",
    ),
    altered(
        "dropout only in training",
        {
            "x = self.conv(": "image = nn.Dropout(0.5)(image) if self.training else image\n"
            "        x = self.conv("
        },
        says="in training",
    ),
    altered(
        "boxes do not teach the transformer",
        {"self.linear_bbox(answers)": "self.linear_bbox(answers.detach())"},
        says="gradients differ",
    ),
    Case(
        "an answer over lines beside a mistake",
        answers={
            "boxes": "nn.Linear(\n            hidden_dim,\n            4,\n        )",
            "target": "self.query_pos",
        },
        lost=frozenset({"target"}),
    ),
    Case(
        "a class cell that is raw beside nothing",
        cells("{imports}", "# Markdown\n    x\n{class}"),
        works=False,
        passed=False,
        lost=frozenset({"all"}),
        says="The class is in cell 2",
    ),
]
