package mapper_test

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

func (u *user) drawTable() string { return pick(u.T, tables[:2], "table") }

func (u *user) drawNumber() int { return below(u.T, 4, "number") }

func (u *user) drawPerson() string {
	return pick(u.T, []string{"ada", "bob"}, "person")
}

func (u *user) drawBool(label string) bool { return below(u.T, 2, label) == 1 }

// keyed is the key of a letter, and what a letter must be to have it.
type keyed struct {
	person string
	number int
}

func (u *user) drawKey() keyed { return keyed{u.drawPerson(), u.drawNumber()} }

func (k keyed) is(l Letter) bool { return l.Person == k.person && l.Number == k.number }

func (k keyed) keys() dynamo.Keys { return dynamo.Keys{k.person, k.number} }

func keyOf(l Letter) keyed { return keyed{l.Person, l.Number} }

// uses are ways to use the mapper that give the server something to lie about.
var uses = map[string]func(u *user){
	"put": func(u *user) {
		table, l := u.drawTable(), u.letter(u.drawNumber())
		var old crypto.Item
		err := u.db.Table(table).Put(l).OldValue(u.ctx, &old)
		if !u.failed(err) {
			u.item(table, old, keyOf(l).is)
		}
	},
	"put on condition": func(u *user) {
		table, l := u.drawTable(), u.letter(u.drawNumber())
		var current crypto.Item
		wrote, err := u.db.Table(table).Put(l).If("attribute_not_exists(body) OR score < ?",
			l.Score).CurrentValue(u.ctx, &current)
		if !u.failed(err) && !wrote {
			u.item(table, current, keyOf(l).is)
		}
	},
	"create": func(u *user) { u.failed(u.letters[u.drawTable()].Create(u.ctx, u.letter(u.drawNumber()))) },
	"put all": func(u *user) {
		u.failed(u.letters[u.drawTable()].PutAll(u.ctx, u.letter(0), u.letter(1), u.letter(2)))
	},
	"delete": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		var old crypto.Item
		d := u.db.Table(table).Delete("person", k.person).Range("num", k.number)
		if u.drawBool("condition") {
			err := d.If("score < ?", 2).IncludeItemInCondCheckFail(true).Run(u.ctx)
			if u.failed(err) {
				if failed, err := dynamo.UnmarshalItemFromCondCheckFailed(err, &old); failed && !u.failed(err) {
					u.item(table, old, k.is)
				}
			}
			return
		}
		if !u.failed(d.OldValue(u.ctx, &old)) {
			u.item(table, old, k.is)
		}
	},
	"delete all": func(u *user) {
		u.failed(u.letters[u.drawTable()].DeleteAll(u.ctx, u.drawKey().keys(), keyed{"eve", 1}.keys()))
	},
	"update": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		update := u.db.Table(table).Update("person", k.person).Range("num", k.number).Add(unsigned, 1)
		if u.drawBool("condition") {
			update.If("score > ?", u.drawNumber())
		}
		var got crypto.Item
		switch below(u.T, 4, "values") {
		case 0:
			if !u.failed(update.Value(u.ctx, &got)) {
				u.item(table, got, k.is)
			}
		case 1:
			if !u.failed(update.OldValue(u.ctx, &got)) {
				u.item(table, got, k.is)
			}
		case 2:
			if !u.failed(update.OnlyUpdatedValue(u.ctx, &got)) {
				delete(got, unsigned)
				if len(got) > 0 {
					u.Errorf("an update returned attributes that it did not write: %s", versionString(table, got))
				}
			}
		case 3:
			if wrote, err := update.CurrentValue(u.ctx, &got); !u.failed(err) && !wrote {
				u.item(table, got, k.is)
			}
		}
	},
	"get": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		var got crypto.Item
		if !u.failed(u.db.Table(table).Get("person", k.person).Range("num", dynamo.Equal, k.number).One(u.ctx,
			&got)) {
			u.item(table, got, k.is)
		}
	},
	"get a part": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		var got crypto.Item
		err := u.db.Table(table).Get("person", k.person).Range("num", dynamo.Equal, k.number).Project("body",
			"weight", "person", "num").One(u.ctx, &got)
		if u.failed(err) {
			return
		}
		key := keyed{k.person, k.number}
		if !u.history.hasPart(table, got) || len(got) > 4 || got["person"] != nil && valueString(got["person"]) != valueString(str(key.person)) {
			u.Errorf("a part was returned of no version: %s", versionString(table, got))
		}
	},
	"repository, get": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		if got, err := u.letters[table].Get(u.ctx, k.keys()); !u.failed(err) {
			u.decoded(table, got, k.is)
		}
	},
	"repository, get all": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		got, err := u.letters[table].GetAll(u.ctx, k.keys(), keyed{k.person, k.number + 1}.keys())
		if u.failed(err) {
			return
		}
		for _, l := range got {
			u.decoded(table, l, func(l Letter) bool { return k.is(l) || keyed{k.person, k.number + 1}.is(l) })
		}
		if len(got) > 2 {
			u.Errorf("%d items for two keys", len(got))
		}
	},
	"modify": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		text := canary + " modified"
		if u.drawBool("nothing") {
			text = ""
		}
		u.history.closed = text == ""
		got, err := u.letters[table].Modify(u.ctx, k.keys(), func(l *Letter) error {
			u.decoded(table, *l, k.is)
			if text != "" {
				l.Body = text
				l.Labels = map[string]string{canary: text}
			}
			return nil
		})
		u.history.closed = false
		if !u.failed(err) {
			u.decoded(table, got, k.is)
		}
	},
	"reseal": func(u *user) {
		u.history.closed = true
		u.failed(u.letters[u.drawTable()].Reseal(u.ctx, u.drawKey().keys()))
		u.history.closed = false
	},
	"query":        func(u *user) { u.query("", u.drawBool("filter")) },
	"query global": func(u *user) { u.query("by-topic", u.drawBool("filter")) },
	"query local":  func(u *user) { u.query("by-rank", u.drawBool("filter")) },
	"scan": func(u *user) {
		table, least := u.drawTable(), u.drawNumber()
		var got []crypto.Item
		scan := u.db.Table(table).Scan().Filter("score >= ?", least).SearchLimit(4)
		next, err := scan.AllWithLastEvaluatedKey(u.ctx, &got)
		if !u.failed(err) {
			u.tokens = append(u.tokens, pageToken{"", next})
			u.once(got)
			for _, item := range got {
				u.item(table, item, func(l Letter) bool { return l.Score >= least })
			}
		}
		for l, err := range u.letters[table].Scan(u.ctx) {
			if !u.failed(err) {
				u.decoded(table, l, func(Letter) bool { return true })
			}
		}
	},
	"count": func(u *user) {
		_, err := u.db.Table(u.drawTable()).Get("person",
			u.drawPerson()).Filter("attribute_exists(body)").Count(u.ctx)
		u.failed(err)
	},
	"get batch": func(u *user) {
		k := u.drawKey()
		key, other := crypto.Item{"person": str(k.person), "num": num("1")},
			crypto.Item{"person": str("bob"), "num": num("2")}
		ask := types.KeysAndAttributes{Keys: []crypto.Item{key, other}}
		out, err := u.client.BatchGetItem(u.ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           map[string]types.KeysAndAttributes{"letters": ask, "drafts": ask, "plain": ask},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if u.failed(err) {
			return
		}
		for table, items := range out.Responses {
			if !slices.Contains(tables, table) {
				u.Errorf("a reply is about table %q", table)
			}
			if table == "plain" {
				continue
			}
			u.once(items)
			for _, item := range items {
				u.item(table, item, func(l Letter) bool { return keyed{k.person, 1}.is(l) || keyed{"bob", 2}.is(l) })
			}
		}
		for table, keys := range out.UnprocessedKeys {
			for _, unprocessed := range keys.Keys {
				if line := versionString("", unprocessed); table != "plain" && line != versionString("",
					key) && line != versionString("", other) {
					u.Errorf("a key is unprocessed that was not sent: %s", line)
				}
			}
		}
		u.capacities(out.ConsumedCapacity)
	},
	"write batch": func(u *user) {
		l := u.letter(u.drawNumber())
		put, err := dynamo.MarshalItem(l)
		u.check(err)
		writes := []types.WriteRequest{
			{PutRequest: &types.PutRequest{Item: put}},
			{DeleteRequest: &types.DeleteRequest{Key: crypto.Item{"person": str("eve"), "num": num("1")}}},
		}
		out, err := u.client.BatchWriteItem(u.ctx, &dynamodb.BatchWriteItemInput{
			RequestItems:                map[string][]types.WriteRequest{"letters": writes, "drafts": writes},
			ReturnConsumedCapacity:      types.ReturnConsumedCapacityIndexes,
			ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize,
		})
		if u.failed(err) {
			return
		}
		for table, unprocessed := range out.UnprocessedItems {
			for _, write := range unprocessed {
				own := write.PutRequest != nil && versionString("", write.PutRequest.Item) == versionString("",
					put) ||
					write.DeleteRequest != nil && write.DeleteRequest == writes[1].DeleteRequest
				if !own || !slices.Contains(tables[:2], table) {
					u.Errorf("a write to table %q is unprocessed that was not sent", table)
				}
			}
		}
		u.capacities(out.ConsumedCapacity)
		u.metrics(slices.Concat(slices.Collect(maps.Values(out.ItemCollectionMetrics))...), l.Person, "eve")
	},
	"transaction": func(u *user) {
		table, l := u.drawTable(), u.letter(u.drawNumber())
		t := u.db.Table(table)
		tx := u.db.WriteTx().
			Put(t.Put(l).If("attribute_not_exists(subject) OR score < ?", 2)).
			Update(t.Update("person", "bob").Range("num", 7).Add(unsigned, 1)).
			Check(t.Check("person", "ada").Range("num", 8).If("attribute_not_exists(score)")).
			IncludeAllItemsInCondCheckFail(true)
		if u.drawBool("token") {
			tx.IdempotentWithToken(pick(u.T, []string{"a", "b"}, "name"))
		}
		err := tx.Run(u.ctx)
		if !u.failed(err) {
			return
		}
		var cancelled *types.TransactionCanceledException
		var condition *types.ConditionalCheckFailedException
		if errors.As(err, &condition) && condition.Item != nil {
			u.Error("a transaction failed with the item of a single request's failed condition")
		}
		if errors.As(err, &cancelled) {
			for i, reason := range cancelled.CancellationReasons {
				asked := []keyed{keyOf(l), {"bob", 7}, {"ada", 8}}
				u.item(table, reason.Item, func(l Letter) bool { return i < 3 && asked[i].is(l) })
			}
		}
	},
	"transactional get": func(u *user) {
		table, k := u.drawTable(), u.drawKey()
		get := func(number int) types.TransactGetItem {
			return types.TransactGetItem{Get: &types.Get{TableName: &table,
				Key: crypto.Item{"person": str(k.person), "num": num(string('0' + rune(number)))}}}
		}
		out, err := u.client.TransactGetItems(u.ctx,
			&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get(k.number), get(1)}})
		if u.failed(err) {
			return
		}
		if len(out.Responses) != 2 || out.ConsumedCapacity != nil {
			u.Errorf("%d responses for two gets", len(out.Responses))
		}
		for i, response := range out.Responses {
			u.item(table, response.Item, func(l Letter) bool {
				return keyed{k.person,
					[]int{k.number, 1}[i%2]}.is(l)
			})
		}
	},
	"put with accounts": func(u *user) {
		table, l := u.drawTable(), u.letter(u.drawNumber())
		item, err := dynamo.MarshalItem(l)
		u.check(err)
		out, err := u.client.PutItem(u.ctx, &dynamodb.PutItemInput{TableName: &table, Item: item,
			ReturnConsumedCapacity:      types.ReturnConsumedCapacityTotal,
			ReturnItemCollectionMetrics: types.ReturnItemCollectionMetricsSize})
		if u.failed(err) {
			return
		}
		if out.Attributes != nil {
			u.Error("a put returned an old item that was not asked for")
		}
		if out.ConsumedCapacity != nil {
			u.capacities([]types.ConsumedCapacity{*out.ConsumedCapacity})
		}
		if out.ItemCollectionMetrics != nil {
			u.metrics([]types.ItemCollectionMetrics{*out.ItemCollectionMetrics}, l.Person)
		}
	},
	// Where a limit cuts a page, guregu/dynamo makes the token itself, of names
	// from the server and values from opened items.
	"page": func(u *user) {
		table := u.db.Table(u.drawTable())
		var got []crypto.Item
		var next dynamo.PagingKey
		var err error
		switch below(u.T, 3, "page of") {
		case 0:
			next, err = table.Get("person", "ada").Filter("attribute_exists(score)").Limit(1).AllWithLastEvaluatedKey(u.ctx, &got)
		case 1:
			next, err = table.Get("subject", "engines").Index("by-topic").Filter("attribute_exists(score)").Limit(1).AllWithLastEvaluatedKey(u.ctx, &got)
		case 2:
			next, err = table.Scan().Filter("attribute_exists(score)").Limit(1).AllWithLastEvaluatedKey(u.ctx, &got)
		}
		u.failed(err)
		u.tokens = append(u.tokens, pageToken{"", next})
	},
	"carelessness": (*user).careless,
	"describe":     func(u *user) { _, err := u.db.Table(u.drawTable()).Describe().Run(u.ctx); u.failed(err) },
	"time passes":  func(*user) { time.Sleep(6 * time.Minute) },
}
