"""What an author wrote -> checked records, with file and line.

In: `site_config.yml`, `gallery.yml` and other YAML. Out: `SiteConfig`, `GalleryImage`s and
`Experiment`s, or every problem at once.

Read in this order: `plain_yaml`, `yaml_source`, `fields`, `page_number`, `records`, `models`,
`config`, `annotations`, `annotation_files`, `coco_file`, `yolo_files`, `annotated`,
`image_fields`, `comparisons`, `gallery`, `gallery_text`, `points`, `headings`, `overlay`,
`experiments`, `slugs`, `suggest`, `source_lines`.
"""
