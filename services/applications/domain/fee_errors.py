"""What can be wrong with an act on a fee or a payment."""

from shared.errors import DomainError, FieldError, InvalidInput, NotAllowedNow, NotFound
from shared.texts import N_


class FeeNotPaid(NotAllowedNow):
    code = "fee-not-paid"
    message = N_("The fee is not paid. It is paid before the service: enter the receipt, or wait until the payment arrives.")


class NoFeeOwed(NotAllowedNow):
    code = "no-fee"
    message = N_("No fee was worked out for this application.")


class NoSuchPart(NotFound):
    code = "no-such-part-of-the-fee"
    message = N_("This application has no such part of a fee. Open the page of its fee again.")


class NothingOwed(NotAllowedNow):
    code = "nothing-owed"
    message = N_("Nothing is owed here any more: it is paid, or was waived.")


class CaseClosed(NotAllowedNow):
    code = "fee-of-closed-case"
    message = N_("This application is closed. Nothing is paid for it any more.")


class ReceiptAlreadyUsed(NotAllowedNow):
    code = "receipt-already-used"
    message = N_("A receipt with this number is already recorded. Check the number on the receipt.")


class AlreadyPaid(NotAllowedNow):
    code = "fee-already-paid"
    message = N_("A part of this fee is paid already. What was paid is not returned, so the fee can no longer be changed.")


class AlreadyGranted(NotAllowedNow):
    code = "already-granted"
    message = N_("This is taken into account already.")


class NotPaidOnline(NotAllowedNow):
    code = "not-paid-online"
    message = N_("This part of the fee cannot be paid online. Pay it where it says, and bring the receipt.")


class NothingToReturn(NotAllowedNow):
    code = "nothing-to-return"
    message = N_("This payment was not too much, or was given back before.")


class NothingToSettle(NotAllowedNow):
    code = "nothing-to-settle"
    message = N_("This payment was not given back twice, or that was settled before.")


class NotVoidable(NotAllowedNow):
    code = "receipt-not-voidable"
    message = N_("Only a receipt that counts, and of which nothing was given back, can be declared void.")


class NothingOverpaid(NotAllowedNow):
    code = "nothing-overpaid"
    message = N_("So much is not paid beyond what is owed, or was given back before. Open the page of the fee again.")


class NoSuchCheckout(NotFound):
    code = "no-such-checkout"


class AmountDiffers(InvalidInput):
    code = "amount-differs"

    def __init__(self) -> None:
        message = N_("The receipt must be for exactly what is owed here, in the same currency.")
        super().__init__([FieldError("/amount_minor", message)])


class ReceiptNumberUnusable(InvalidInput):
    code = "receipt-number-unusable"

    def __init__(self) -> None:
        message = N_("Write the number as it stands on the receipt: letters, digits, and the signs / . -")
        super().__init__([FieldError("/number", message)])


class NotInTariff(InvalidInput):
    code = "not-in-tariff"

    def __init__(self) -> None:
        super().__init__([FieldError("/code", N_("The tariff of this service has no such rule for an officer to apply."))])


class PaidInFuture(InvalidInput):
    code = "paid-in-future"

    def __init__(self) -> None:
        super().__init__([FieldError("/paid_on", N_("This date lies in the future."))])


class SignatureWrong(DomainError):
    """HTTP 401: the word did not come from the provider, or came too late to be believed."""

    code = "signature-wrong"
    message = N_("The signature does not fit what was sent, or is too old.")


class ProviderAway(NotAllowedNow):
    code = "payments-not-configured"
    message = N_("Paying online is not set up here. Pay at the post.")
