"""The part of ShipHero's schema that is used here; anything else in a question is refused, as there."""

SCHEMA = """
scalar ISODateTime

type PageInfo { hasNextPage: Boolean! endCursor: String }
type UserQuota { credits_remaining: Int max_available: Int increment_rate: Int time_remaining: String }

type OrderAddress { first_name: String last_name: String company: String address1: String address2: String city: String
  state: String state_code: String zip: String country: String country_code: String email: String phone: String }
type LineItem { id: String sku: String quantity: Int partner_line_item_id: String }
type LineItemEdge { node: LineItem cursor: String! }
type LineItemConnection { pageInfo: PageInfo! edges: [LineItemEdge]! }
type Order { id: String legacy_id: Int order_number: String partner_order_id: String fulfillment_status: String
  shipping_address: OrderAddress line_items(first: Int, after: String): LineItemConnection }
type OrderEdge { node: Order cursor: String! }
type OrderConnection { pageInfo: PageInfo! edges: [OrderEdge]! }
type OrdersQueryResult { request_id: String complexity: Int data(first: Int, after: String): OrderConnection }
type OrderQueryResult { request_id: String complexity: Int data: Order }

type ShippingLabel { id: String status: String tracking_number: String carrier: String shipping_method: String
  created_date: ISODateTime }
type ShipmentLineItem { id: String quantity: Int shipping_label_id: String line_item: LineItem }
type ShipmentLineItemEdge { node: ShipmentLineItem cursor: String! }
type ShipmentLineItemConnection { pageInfo: PageInfo! edges: [ShipmentLineItemEdge]! }
type Shipment { id: String order_id: String created_date: ISODateTime shipped_off_shiphero: Boolean order: Order
  shipping_labels: [ShippingLabel] line_items(first: Int, after: String): ShipmentLineItemConnection }
type ShipmentEdge { node: Shipment cursor: String! }
type ShipmentConnection { pageInfo: PageInfo! edges: [ShipmentEdge]! }
type ShipmentsQueryResult { request_id: String complexity: Int data(first: Int, after: String): ShipmentConnection }

type Query {
  user_quota: UserQuota
  order(id: String!): OrderQueryResult
  orders(order_number: String, partner_order_id: String, shop_name: String, customer_account_id: String):
    OrdersQueryResult
  shipments(order_id: String, date_from: ISODateTime, date_to: ISODateTime, customer_account_id: String):
    ShipmentsQueryResult
}

input ShippingLinesInput { title: String! carrier: String method: String price: String! }
input OrderAddressInput { first_name: String last_name: String company: String address1: String address2: String
  city: String state: String state_code: String zip: String country: String country_code: String email: String
  phone: String }
input LineItemInput { sku: String! partner_line_item_id: String! quantity: Int! price: String! product_name: String
  warehouse_id: String }
input CreateOrderInput { customer_account_id: String order_number: String partner_order_id: String shop_name: String
  fulfillment_status: String order_date: ISODateTime required_ship_date: ISODateTime subtotal: String
  total_tax: String total_price: String gift_note: String packing_note: String tags: [String]
  shipping_lines: ShippingLinesInput shipping_address: OrderAddressInput! line_items: [LineItemInput]
  skip_address_validation: Boolean }
input CancelOrderInput { customer_account_id: String order_id: String! reason: String void_on_platform: Boolean
  force: Boolean }
type OrderMutationOutput { request_id: String complexity: Int order: Order }
type Mutation {
  order_create(data: CreateOrderInput!): OrderMutationOutput
  order_cancel(data: CancelOrderInput!): OrderMutationOutput
}
"""
