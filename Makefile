# The targets a person types; each is a script in scripts/ or a line of cargo.
# Variables are given after the target (make console TOPIC=orders FOLLOW=1) and reach the scripts through the
# environment; their defaults are in the scripts.

SHELL := bash
.DEFAULT_GOAL := help

.PHONY: help
help: ## What can be done here
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo
	@echo "Variables, after the target as in make up KAFKA_PORT=19092:"
	@grep -hE '^#: ' $(firstword $(MAKEFILE_LIST)) | sed 's/^#: /  /'

#: BROKER=auto                which broker: local (Apache Kafka), embedded (Nisshi, needs no Java), HOST:PORT
#:                            (yours), or auto: local where a JDK and Maven are or can be, embedded elsewhere
#: BROKERS=1                  nodes of the local Apache Kafka: 1 or 3
#: SECURE=1                   up and the journeys: the local Apache Kafka with SASL_SSL, a user per program, access rules
#: DATABASE=sqlite            what the journeys' services keep their data in: sqlite or postgres
#: KAFKA_PORT=9092            the local or embedded broker's port; further nodes and Kafka's controllers take the next ones
#: REGISTRY_PORT=8081         the schema registry's port
#: TOPIC=orders               the topic that console and topics look at
#: FROM=beginning|latest      where console starts
#: FOLLOW=1                   console goes on; it ends by itself otherwise
#: VALUES=1                   console shows the values too, which are Avro
#: PROFILE=dev                the Cargo profile of what is run: dev or release
#: ARGS='...'                 arguments for demo, load, test, registry and the services
#: ORDERLINE_SCHEMA_REGISTRY=http://host:port   your schema registry instead of one that is started
#: ORDERLINE_CACHE=folder     where what is fetched once is kept; ~/.cache/orderline by default

.PHONY: demo up down status clean-data
demo: ## The whole shop: installs what is missing, starts it, places orders, shows what happened
	@scripts/demo.sh $(ARGS)
up: ## Start a broker and the schema registry in the background, and declare the topics
	@scripts/up.sh
down: ## Stop both; the data stays
	@scripts/down.sh
status: ## What runs
	@scripts/status.sh
clean-data: ## Remove the broker's topics and the services' databases
	@scripts/clean-data.sh

.PHONY: load
load: ## A measured stream of orders on the shop that runs: make load ARGS='--orders 200 --rate 50'
	@scripts/load.sh $(ARGS)

.PHONY: topics console groups
topics: ## The topics and their settings; with TOPIC=name its partitions
	@scripts/kafka/topics.sh
console: ## Read TOPIC=name with Kafka's console consumer: time, partition, offset, headers, key
	@scripts/kafka/console.sh "$${TOPIC:-orders}"
groups: ## Every consumer group: its offsets and its lag
	@scripts/kafka/tool.sh --show kafka-consumer-groups --describe --all-groups

.PHONY: order product cart notif inventory user payment payment-sandbox registry
order: ## The order service in the foreground
	@scripts/run.sh order $(ARGS)
product: ## The product service in the foreground
	@scripts/run.sh product $(ARGS)
cart: ## The cart service in the foreground
	@scripts/run.sh cart $(ARGS)
notif: ## The notification service in the foreground
	@scripts/run.sh notification $(ARGS)
inventory: ## The inventory service in the foreground
	@scripts/run.sh inventory $(ARGS)
user: ## The user service in the foreground
	@scripts/run.sh user $(ARGS)
payment: ## The payment service in the foreground; without a key of Stripe's it pays in the sandbox
	@scripts/run.sh payment $(ARGS)
payment-sandbox: ## A payment provider that moves no money, in the foreground
	@scripts/run.sh payment-sandbox $(ARGS)
registry: ## The schema registry in the foreground
	@scripts/run.sh registry $(ARGS)

.PHONY: compose-up compose-down compose-test
compose-up: ## The shop in containers, by Docker; makes .env with a password the first time
	@scripts/compose/up.sh $(ARGS)
compose-down: ## Stop the containers; the volumes stay
	@scripts/compose/compose.sh down $(ARGS)
compose-test: ## The containers on a Docker engine of their own; needs root
	@scripts/compose/test.sh

.PHONY: test check matrix
test: ## Every test, on a fresh broker
	@scripts/test.sh $(ARGS)
check: ## Format, clippy, docs, dependencies, schemas, scripts: what CI checks besides the tests
	@scripts/check.sh
matrix: ## The journeys on each combination of broker and database: a table of results and times
	@scripts/matrix.sh $(ARGS)
