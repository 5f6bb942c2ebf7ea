"""Fills an empty Tryton database with a company, two products on the shelf and a key for the REST API.

Run by the Python of Tryton's own virtual environment: `base.py CONFIG DATABASE`. Prints the key.
"""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company


def fill() -> str:
    create_company()
    company = get_company()
    user = Model.get("res.user")(config.get_config().user)
    user.companies.append(company)
    user.company = company
    user.save()
    config.get_config()._context = type(user).get_preferences(True, {})
    year = set_fiscalyear_invoice_sequences(create_fiscalyear(company, datetime.datetime.now(datetime.UTC).date()))
    year.click("create_period")
    create_chart(company)
    countries()
    products = [product(code) for code in ("TEA-01", "MUG-01")]
    stock(company, products)
    box = Model.get("stock.package.type")(name="Box")
    box.save()
    carrier()
    key = Model.get("res.user.application")(user=user, application="rest")
    key.save()
    return key.key


def countries() -> None:
    country = Model.get("country.country")(name="United States", code="US", code3="USA")
    country.save()
    Model.get("country.subdivision")(name="Illinois", code="US-IL", country=country, type="state").save()


def product(code):
    [unit] = Model.get("product.uom").find([("name", "=", "Unit")])
    template = Model.get("product.template")(name=f"Product {code}", type="goods", salable=True)
    template.default_uom = unit
    template.list_price = Decimal("30")
    [made] = template.products
    made.suffix_code = code
    template.save()
    return template.products[0]


def carrier() -> None:
    party = Model.get("party.party")(name="USPS")
    party.save()
    [unit] = Model.get("product.uom").find([("name", "=", "Unit")])
    template = Model.get("product.template")(name="Postage", type="service", salable=True)
    template.default_uom = unit
    template.list_price = Decimal("0")
    template.save()
    Model.get("carrier")(party=party, carrier_product=template.products[0]).save()


def stock(company, products) -> None:
    Location, Move = Model.get("stock.location"), Model.get("stock.move")
    [supplier] = Location.find([("code", "=", "SUP")])
    [storage] = Location.find([("code", "=", "STO")])
    for one in products:
        move = Move(product=one, quantity=500, from_location=supplier, to_location=storage, company=company)
        move.currency = company.currency
        move.unit_price = Decimal("1")
        move.save()
        move.click("do")


if __name__ == "__main__":
    config.set_trytond(f"sqlite:///{sys.argv[2]}", config_file=sys.argv[1], user="admin")
    sys.stdout.write(fill() + "\n")
