"""Locates an entry's image and its model's weights, and downloads what is missing.

In: a gallery entry, a model's card. Out: paths of files that are on this machine. It opens an
image only to check that it is one.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from generator.detr.zoo import ModelCard
from generator.errors import ImageError, UnavailableError, WeightsError
from generator.files.addresses import without_secrets
from generator.files.fingerprint import is_here, sha256_of
from generator.files.images import complaint_of, first_bytes
from generator.files.write import write_if_different
from generator.project.config import MAX_PIXELS
from generator.project.gallery import GalleryImage

MAX_IMAGE_BYTES = 100_000_000
MAX_CHECKPOINT_BYTES = 1_000_000_000
_MAX_SECONDS = 300


def locate_image(
    image: GalleryImage, downloads: Path, *, offline: bool, private: bool = False
) -> Path:
    """The path of a gallery entry's image, after downloading it if necessary.

    Args:
        image: names a `file` or a `url`, and perhaps the file's `sha256`.
        downloads: the folder in which downloads are kept, named by their address.
        offline: take only what was downloaded before.
        private: whether an address may lead to this machine or its own network.

    Raises:
        ImageError: the file is missing, does not have this `sha256`, or is not an image.
        UnavailableError: it would have to be downloaded, and there is no network.
        DownloadError: the server answered with something else.
    """
    if image.file is not None:
        first_bytes(image.file)
        if not is_here(image.file, image.sha256):
            raise ImageError(f"{image.file}: its SHA-256 is not {image.sha256}; correct either")
        return image.file
    if image.url is None:
        raise ImageError(f"{image.slug}: names neither a file nor a url; give it one of them")
    from generator.files.download import fetch  # only here: it takes a while to import

    suffix = re.search(r"\.[a-z0-9]{1,5}$", without_secrets(image.url).lower())
    name = hashlib.sha256(image.url.encode()).hexdigest() + (suffix[0] if suffix else "")
    path, complaint = downloads / name, ""
    for _ in range(1 if offline else 2):
        fetch(
            image.url,
            path,
            sha256=image.sha256,
            max_bytes=MAX_IMAGE_BYTES,
            max_seconds=_MAX_SECONDS,
            offline=offline,
            private=private,
        )
        # With a hash it is the right file, whatever is in it.
        if image.sha256 is not None or not (complaint := _complaint_of_download(path)):
            return path
    raise ImageError(f"{without_secrets(image.url)}: {complaint}")


def locate_weights(card: ModelCard, local: Path | None = None, *, offline: bool) -> Path:
    """The local file, the shipped one, or the official one, downloaded once.

    Raises:
        WeightsError: the local file is not there.
        UnavailableError, DownloadError: the official file cannot be downloaded.
    """
    file = local or card.file
    if local is not None or card.checkpoint_url is None:
        if not file.is_file():
            raise WeightsError(f"{file}: there is no such file; it should hold {card.name}")
        return file
    from generator.files.download import fetch  # only here: it takes a while to import

    if offline and file.is_file() and not is_here(file, card.checkpoint_hash):
        raise WeightsError(
            f"{file}: cut short or damaged, since its SHA-256 does not begin with "
            f"{card.checkpoint_hash}; remove it, or run once with a network, not offline"
        )
    try:
        return fetch(
            card.checkpoint_url,
            file,
            sha256=card.checkpoint_hash,
            max_bytes=MAX_CHECKPOINT_BYTES,
            offline=offline,
            progress=True,
        )
    except UnavailableError as error:
        raise UnavailableError(
            f"the weights of {card.name} are not on this machine and cannot be downloaded; put "
            f"{file.name} into {file.parent}, or name a file of yours under `weights:` in "
            f"site_config.yml ({error})"
        ) from error


def _complaint_of_download(path: Path) -> str:
    """What is wrong with a download, which is then removed, so that it is fetched again; else "".

    One that could be decoded once is known by its SHA-256, which is kept next to it.
    """
    proof = path.with_name(f"{path.name}.sha256")
    sha256 = sha256_of(path)
    if proof.is_file() and proof.read_bytes() == sha256.encode():
        return ""
    complaint = complaint_of(path, max_pixels=MAX_PIXELS)
    if complaint:
        path.unlink(missing_ok=True)
        proof.unlink(missing_ok=True)
    else:
        with suppress(OSError):  # then it is decoded again next time
            write_if_different(proof, sha256.encode())
    return complaint
