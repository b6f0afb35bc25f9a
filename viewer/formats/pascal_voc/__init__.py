"""Pascal VOC: an XML file beside each image, and palette images of classes and objects."""
