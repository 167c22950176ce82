//! What a paper's parts are (ISO 32000-1 §14.7 and §14.8), for those who have it read to them: headings, paragraphs,
//! tables with their header cells, links. printpdf marks the content; the tree beside it is ours.

use lopdf::{Document, Object, ObjectId, dictionary, text_string};

/// One of the tree's elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ElementId(usize);

/// The whole paper.
pub(crate) const ROOT: ElementId = ElementId(0);

#[derive(Debug)]
struct Element {
    /// A standard structure type.
    kind: &'static str,
    parent: Option<ElementId>,
    kids: Vec<Kid>,
    /// What is said instead of what is drawn.
    alternative: Option<String>,
}

#[derive(Debug)]
enum Kid {
    Element(ElementId),
    /// Marked content: the page's index, and its number there.
    Content(usize, usize),
    /// The page's index, and which of its annotations.
    Annotation(usize, usize),
}

/// The tree of a paper.
#[derive(Debug)]
pub(crate) struct Tags {
    elements: Vec<Element>,
    /// By page, by number of marked content: whose it is.
    contents: Vec<Vec<ElementId>>,
    /// By page.
    annotations: Vec<Vec<ElementId>>,
}

impl Default for Tags {
    fn default() -> Self {
        let root = Element { kind: "Document", parent: None, kids: Vec::new(), alternative: None };
        Self { elements: vec![root], contents: Vec::new(), annotations: Vec::new() }
    }
}

impl Tags {
    /// Another element at its parent's end.
    pub(crate) fn add(&mut self, parent: ElementId, kind: &'static str) -> ElementId {
        let id = ElementId(self.elements.len());
        self.elements.push(Element { kind, parent: Some(parent), kids: Vec::new(), alternative: None });
        self.elements[parent.0].kids.push(Kid::Element(id));
        id
    }

    /// What is said instead of what an element draws.
    pub(crate) fn say(&mut self, element: ElementId, alternative: String) {
        self.elements[element.0].alternative = Some(alternative);
    }

    /// A standard structure type.
    pub(crate) fn kind(&self, element: ElementId) -> &'static str {
        self.elements[element.0].kind
    }

    pub(crate) fn add_page(&mut self) {
        self.contents.push(Vec::new());
        self.annotations.push(Vec::new());
    }

    /// The number of an element's further content on a page.
    pub(crate) fn content(&mut self, element: ElementId, page: usize) -> usize {
        let number = self.contents[page].len();
        self.contents[page].push(element);
        self.elements[element.0].kids.push(Kid::Content(page, number));
        number
    }

    /// The page's next annotation is this element's.
    pub(crate) fn annotation(&mut self, element: ElementId, page: usize) {
        let index = self.annotations[page].len();
        self.annotations[page].push(element);
        self.elements[element.0].kids.push(Kid::Annotation(page, index));
    }

    /// Puts the tree into the document whose pages these are.
    ///
    /// # Errors
    /// The document is not printpdf's.
    pub(crate) fn write(&self, doc: &mut Document, pages: &[ObjectId]) -> Result<(), lopdf::Error> {
        let ids: Vec<ObjectId> = self.elements.iter().map(|_| doc.new_object_id()).collect();
        let root = doc.new_object_id();
        // The tree that leads from content to its element (§14.7.4.4): first the pages, then the annotations.
        let mut ways = Vec::new();
        for (index, page) in pages.iter().enumerate() {
            let owners = self.contents[index].iter().map(|element| Object::from(ids[element.0])).collect();
            ways.extend([number(index), Object::Array(owners)]);
            let dictionary = doc.get_dictionary_mut(*page)?;
            dictionary.set("StructParents", number(index));
            dictionary.set("Tabs", "S");
        }
        let annotations = self.write_annotations(doc, pages, &ids, &mut ways)?;
        for (element, id) in self.elements.iter().zip(&ids) {
            let kids = element.kids.iter().map(|kid| match kid {
                Kid::Element(child) => ids[child.0].into(),
                Kid::Content(page, content) => {
                    dictionary! { "Type" => "MCR", "Pg" => pages[*page], "MCID" => number(*content) }.into()
                }
                Kid::Annotation(page, index) => {
                    dictionary! { "Type" => "OBJR", "Pg" => pages[*page], "Obj" => annotations[*page][*index] }
                        .into()
                }
            });
            let parent = element.parent.map_or(root, |parent| ids[parent.0]);
            let kids = Object::Array(kids.collect());
            let mut object =
                dictionary! { "Type" => "StructElem", "S" => element.kind, "P" => parent, "K" => kids };
            if element.kind == "TH" {
                object.set("A", dictionary! { "O" => "Table", "Scope" => "Column" });
            }
            if let Some(alternative) = &element.alternative {
                object.set("Alt", text_string(alternative));
            }
            doc.set_object(*id, object);
        }
        let next = number(pages.len() + annotations.iter().map(Vec::len).sum::<usize>());
        let ways = doc.add_object(dictionary! { "Nums" => Object::Array(ways) });
        let tree = dictionary! {
            "Type" => "StructTreeRoot", "K" => ids[ROOT.0], "ParentTree" => ways, "ParentTreeNextKey" => next,
        };
        doc.set_object(root, tree);
        let catalog = doc.catalog_mut()?;
        catalog.set("StructTreeRoot", root);
        catalog.set("MarkInfo", dictionary! { "Marked" => true });
        Ok(())
    }

    /// Makes objects of the pages' annotations, so that the tree can name them.
    fn write_annotations(
        &self,
        doc: &mut Document,
        pages: &[ObjectId],
        ids: &[ObjectId],
        ways: &mut Vec<Object>,
    ) -> Result<Vec<Vec<ObjectId>>, lopdf::Error> {
        let mut objects = Vec::new();
        for (page, owners) in pages.iter().zip(&self.annotations) {
            let mut annotations = doc.get_dictionary(*page)?.get(b"Annots")?.as_array()?.clone();
            let mut on_page = Vec::new();
            for (annotation, owner) in annotations.iter_mut().zip(owners) {
                let key = number(ways.len() / 2);
                let mut dictionary = annotation.as_dict()?.clone();
                dictionary.set("StructParent", key.clone());
                if let Some(alternative) = &self.elements[owner.0].alternative {
                    dictionary.set("Contents", text_string(alternative));
                }
                ways.extend([key, ids[owner.0].into()]);
                let object = doc.add_object(dictionary);
                on_page.push(object);
                *annotation = object.into();
            }
            doc.get_dictionary_mut(*page)?.set("Annots", Object::Array(annotations));
            objects.push(on_page);
        }
        Ok(objects)
    }
}

fn number(value: usize) -> Object {
    Object::Integer(i64::try_from(value).expect("a paper has fewer parts than 2⁶³"))
}
