"""The texts printed on papers, as English msgids: titles, statements, labels; their translations are in locale/."""

from dataclasses import dataclass

from services.documents.domain.paper import PaperKind
from shared.texts import N_


@dataclass(frozen=True, slots=True)
class KindWording:
    title: str
    statement: str
    note: str
    states_citizenship: bool = True


KINDS = {
    PaperKind.CONSULAR_REGISTRATION_CERTIFICATE: KindWording(
        title=N_("Certificate of consular registration"),
        statement=N_("The person named below is entered in the consular register of this post."),
        note=N_("It confirms the entry in the register. It is not an identity or travel document."),
    ),
    PaperKind.RETURN_CERTIFICATE: KindWording(
        title=N_("Certificate of return to the Kyrgyz Republic"),
        statement=N_("Issued to the person named below for the journey back to the Kyrgyz Republic."),
        note=N_("Valid for the return journey only, within the term shown. To be handed in after arrival."),
    ),
    PaperKind.POWER_OF_ATTORNEY: KindWording(
        title=N_("Power of attorney"),
        statement=N_(
            "The person named below came to this post, was identified, and gives the representative the powers set out here."
        ),
        note=N_("The person who gave this power of attorney can revoke it at any time."),
    ),
    PaperKind.MINOR_TRAVEL_CONSENT: KindWording(
        title=N_("Consent to a child's travel"),
        statement=N_("The person named below was identified at this post and agrees to this journey of the child."),
        note=N_("The person who gave this consent can revoke it at any time. It is not a travel document."),
    ),
    # a child born abroad may hold another citizenship: an act of birth states who was born, and decides nothing else
    PaperKind.BIRTH_CERTIFICATE: KindWording(
        title=N_("Birth certificate"),
        statement=N_("The birth of the child named below is registered by this post."),
        note=N_("It states what is recorded of the birth. It is not an identity or travel document."),
        states_citizenship=False,
    ),
    PaperKind.HELP_CONFIRMATION: KindWording(
        title=N_("Confirmation of a request for help"),
        statement=N_("This post knows of the request for help described here, made by the person named below."),
        note=N_("It confirms that the post acts on it. It promises no result and is not an identity document."),
        states_citizenship=False,  # anybody may ask for somebody else
    ),
}

LABELS = {
    "number": N_("Document number"),
    "issued_on": N_("Date of issue"),
    "valid_until": N_("Valid until"),
    "blank_number": N_("Blank number"),
    "revision": N_("Edition"),
    "full_name": N_("Full name"),
    "latin_name": N_("Name in Latin letters"),
    "birth_date": N_("Date of birth"),
    "citizenship": N_("Citizenship"),
    "pin": N_("Personal number (PIN)"),
    "issued_by": N_("Issued by"),
    "officer": N_("Consular officer"),
    "check": N_("Check this document"),
    "check_code": N_("Check code"),
    "no_term": N_("No time limit"),
    "signature": N_("Electronic test signature inside the file: no legal force. A print is checked by its code."),
    "specimen": N_("SPECIMEN"),
    "preview": N_("Preview — not a document"),
    "disclaimer": N_(
        "Eshik is modelled on published consular services. It is not affiliated with, or endorsed by, any state body."
    ),
}

# how a paper names what a form asked for ("What happened to your passport"); other facts keep the label of the form
FACT_LABELS = {
    "document_number": N_("Passport or ID card"),
    "former_document_number": N_("Former passport or ID card"),
    "address_abroad": N_("Address abroad"),
    "birth_place": N_("Place of birth"),
    "circumstances": N_("Reason for the certificate"),
    "attorney_name": N_("Representative"),
    "attorney_birth_date": N_("Representative born on"),
    "powers": N_("Powers"),
    "validity": N_("Term"),
    "substitution": N_("Right to delegate"),
    "applicant_is": N_("To the child"),
    "child_name": N_("Child"),
    "child_birth_date": N_("Child born on"),
    "child_document_number": N_("Passport of the child"),
    "travels_alone": N_("Travels without an adult"),
    "companion_name": N_("Accompanied by"),
    "companion_document_number": N_("Passport of that person"),
    "travel_to": N_("Travels to"),
    "travel_from": N_("May travel from"),
    "sex": N_("Sex"),
    "birth_country": N_("Country of birth"),
    "mother_name": N_("Mother"),
    "mother_citizenship": N_("Citizenship of the mother"),
    "father_name": N_("Father"),
    "father_citizenship": N_("Citizenship of the father"),
    "help_kind": N_("Matter"),
    "person_name": N_("Person who needs help"),
    "help_country": N_("Country"),
    "help_place": N_("Place"),
}

CITIZENSHIPS = {"KGZ": N_("Kyrgyz Republic")}
