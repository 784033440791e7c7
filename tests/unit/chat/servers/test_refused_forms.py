from bot.chat.servers.refused_forms import MOST, RefusedForms


def test_refused_form_keeps_its_values_until_it_is_accepted():
    forms = RefusedForms()
    forms.keep(1, 2, "budget", {"amount": "a lot"})
    assert forms.entered(1, 2, "budget") == {"amount": "a lot"}
    assert forms.entered(1, 3, "budget") == forms.entered(1, 2, "allowance") == forms.entered(4, 2, "budget") == {}
    forms.forget(1, 2, "budget")
    assert forms.entered(1, 2, "budget") == {}


def test_only_the_newest_refused_forms_are_remembered():
    forms = RefusedForms()
    forms.keep(1, 0, "budget", {"amount": "first"})
    for member in range(1, MOST):
        forms.keep(1, member, "budget", {"amount": "later"})
    forms.keep(1, 0, "budget", {"amount": "again"})
    forms.keep(1, MOST, "budget", {"amount": "last"})
    assert forms.entered(1, 0, "budget") == {"amount": "again"}
    assert forms.entered(1, 1, "budget") == {}
