using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Tests.Json;

public sealed class RestJsonTests
{
    [Fact]
    public void Read_UnknownMembers_AreKeptInExtraAndComeBackInOrder()
    {
        const string Json = """{"text":"a","zeta":{"b":[1,2.5,null,"x",true]},"alpha":null}""";

        var part = Read<Part>(Json);

        Assert.Equal("a", part.Text);
        Assert.Equal(["zeta", "alpha"], part.Extra.Fields.Keys);
        Assert.Equal(Json, Write(part));
    }

    [Theory]
    [InlineData("""{"text":5}""")]
    [InlineData("""{"thought":"yes"}""")]
    [InlineData("""{"inlineData":"none"}""")]
    [InlineData("""{"inlineData":{"mimeType":"a/b","data":"***"}}""")]
    [InlineData("""{"functionCall":{"name":"f","args":[1]}}""")]
    [InlineData("""{"functionResponse":{"name":"f","parts":[{"inlineData":{"mimeType":"a/b"}},1]}}""")]
    [InlineData("""{"videoMetadata":{"startOffset":"soon","fps":[]}}""")]
    [InlineData("""{"mediaResolution":{"numTokens":3000000000}}""")]
    [InlineData("""{"mediaResolution":{"numTokens":1.5}}""")]
    public void Read_ValueThatDoesNotFitItsField_IsKeptAndComesBack(string json) => Assert.Equal(json, Write(Read<Part>(json)));

    [Fact]
    public void Read_TwoKindsOfData_KeepsBoth()
    {
        const string Json = """{"text":"a","functionCall":{"name":"f"}}""";

        var part = Read<Part>(Json);

        Assert.Equal(Part.DataOneofCase.Text, part.DataCase);
        Assert.Equal(Json, Write(part));
    }

    [Fact]
    public void Read_MemberNamedExtra_IsAnUnknownMemberLikeOthers()
    {
        const string Json = """{"text":"a","extra":{"b":1}}""";

        Assert.Equal(Json, Write(Read<Part>(Json)));
    }

    [Fact]
    public void Read_NullOfAKnownMember_IsAbsent()
    {
        var part = Read<Part>("""{"text":null,"thought":null,"functionCall":null,"thoughtSignature":null}""");

        Assert.Equal(new Part(), part);
    }

    [Fact]
    public void Read_NullWhereItIsAValue_IsKept()
    {
        const string Json = """{"type":"STRING","default":null}""";

        Assert.Equal(Json, Write(Read<Schema>(Json)));
        Assert.Equal("""{"jsonPath":"$.a","nullValue":null}""", Write(Read<PartialArg>("""{"jsonPath":"$.a","nullValue":"NULL_VALUE"}""")));
    }

    [Fact]
    public void Read_ZeroFalseAndEmptyText_AreNotAbsent()
    {
        const string Json = """{"candidates":[{"content":{"parts":[{"text":"","thought":false}]},"index":0,"avgLogprobs":0}]}""";

        Assert.Equal(Json, Write(Read<GenerateContentResponse>(Json)));
    }

    [Theory]
    [InlineData("\"-_8\"")]
    [InlineData("\"+/8\"")]
    [InlineData("\"-_8=\"")]
    [InlineData("\"+\\/8=\"")]
    public void Read_Base64OfEitherAlphabet_GivesTheBytes(string data)
    {
        var blob = Read<Blob>($$"""{"data":{{data}}}""");

        Assert.Equal(ByteString.CopyFrom(0xfb, 0xff), blob.Data);
        Assert.Equal("""{"data":"+/8="}""", Write(blob));
    }

    [Fact]
    public void Read_Int64_TakesStringsAndNumbers()
    {
        Assert.Equal(9007199254740993, Read<Schema>("""{"maxItems":"9007199254740993"}""").MaxItems);
        Assert.Equal(9007199254740993, Read<Schema>("""{"maxItems":9007199254740993}""").MaxItems);
        Assert.Equal(12, Read<Schema>("""{"maxItems":1.2e1}""").MaxItems);
    }

    [Theory]
    [InlineData("""{"args":{"n":5}}""")]
    [InlineData("""{"args":{"n":-0.5}}""")]
    [InlineData("""{"args":{"n":10000000000000000}}""")]
    [InlineData("""{"args":{"n":1000000000000000000}}""")]
    [InlineData("""{"args":{"n":9007199254740991}}""")]
    [InlineData("""{"args":{"id":1234567890123456789,"n":10000000000000001,"s":"a","deep":[{"x":12345678901234567890.123456789}]}}""")]
    [InlineData("""{"args":{"n":1e400,"m":-1e400,"tiny":1e-400,"p":1.0,"q":-0,"r":1E2,"t":0.1,"u":1.7976931348623157E+308}}""")]
    [InlineData("""{"name":"f","unknown":{"n":12345678901234567890},"other":18446744073709551616}""")]
    public void Write_NumbersInStructs_AreWrittenAsTheyWere(string json) => Assert.Equal(json, Write(Read<FunctionCall>(json)));

    [Fact]
    public void Read_NumbersThatNoDoubleHas_AreNearestInTheStructAndExactBesideIt()
    {
        var call = Read<FunctionCall>("""{"args":{"id":1234567890123456789,"big":[1e400],"n":5},"new":1e400}""");

        Assert.Equal((1234567890123456800d, 5d), (call.Args.Fields["id"].NumberValue, call.Args.Fields["n"].NumberValue));
        Assert.Equal(double.MaxValue, call.Args.Fields["big"].ListValue.Values[0].NumberValue);
        Assert.Equal(new Dictionary<string, string> { ["id"] = "1234567890123456789", ["big"] = "[1e400]" }, call.ArgsJson.Members);
        Assert.Equal(new Dictionary<string, string> { ["new"] = "1e400" }, call.ExtraJson.Members);
        Assert.Null(Read<FunctionCall>("""{"args":{"n":5},"new":5}""").ArgsJson);
        Assert.Null(Read<FunctionCall>("""{"args":{"n":1e400,"n":5}}""").ArgsJson?.Members.Keys.FirstOrDefault());
    }

    [Fact]
    public void Write_ExactMembersOfAClientsOwn_CountWhereTheyAreJson()
    {
        var call = new FunctionCall
        {
            Args = new Struct { Fields = { ["a"] = Value.ForNumber(1), ["b"] = Value.ForNumber(2) } },
            ArgsJson = new ExactJson { Members = { ["a"] = "1e400", ["b"] = "1,", ["c"] = """{"x":[18446744073709551616]}""", ["d"] = "1}" } },
            ExtraJson = new ExactJson { Members = { ["e"] = "1.0", ["f"] = "" } },
        };

        Assert.Equal("""{"args":{"a":1e400,"b":2,"c":{"x":[18446744073709551616]}},"e":1.0}""", Write(call));
        call.Args = null;
        Assert.Equal("""{"args":{"a":1e400,"c":{"x":[18446744073709551616]}},"e":1.0}""", Write(call));
    }

    [Fact]
    public void Write_NumbersThatJsonDoesNotHave_AreWrittenByName()
    {
        var call = new FunctionCall { Args = new Struct { Fields = { ["a"] = Value.ForNumber(double.NaN) } } };

        Assert.Equal("""{"args":{"a":"NaN"}}""", Write(call));
    }

    [Fact]
    public void Write_FieldSetBesideItsMisfitInExtra_WritesTheFieldAlone()
    {
        var part = Read<Part>("""{"thought":"yes"}""");
        part.Thought = true;

        Assert.Equal("""{"thought":true}""", Write(part));
    }

    [Fact]
    public void Write_Text_IsEscapedOnlyWhereItMust()
    {
        const string Json = """{"text":"<b>Grüße</b> 日本 & 'x' + \"y\"\n"}""";

        Assert.Equal(Json, Write(Read<Part>(Json)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"text":"a" """)]
    public void Read_WhatIsNoJsonObject_Throws(string json) => Assert.ThrowsAny<JsonException>(() => Read<Part>(json));

    [Fact]
    public void Read_WhatIsNoCharacter_IsReplaced()
    {
        var bytes = Encoding.UTF8.GetBytes("""{"text":"\ud83c a?c \udf0d","unknown":["\ud83c\udf0d\ud83c","\\\"\/\b\f\n\r\t\ud83c"],"inlineData":{"data":"\/\/8="}}""");
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;

        var part = RestJson.Read<Part>(bytes);

        Assert.Equal("\uFFFD a\uFFFDc \uFFFD", part.Text);
        Assert.Equal(["🌍\uFFFD", "\\\"/\b\f\n\r\t\uFFFD"], part.Extra.Fields["unknown"].ListValue.Values.Select(value => value.StringValue));
        Assert.Equal((byte[])[0xFF, 0xFF], RestJson.Read<Part>("""{"inlineData":{"data":"\/\/8="}}"""u8.ToArray()).InlineData.Data.ToByteArray());
    }

    [Fact]
    public void Read_NestedAsDeepAsAllowed_SurvivesProtobuf()
    {
        var levels = RestJson.MaxDepth - 1;
        var json = $$"""{"unknown":{{string.Concat(Enumerable.Repeat("""{"a":""", levels))}}1{{new string('}', levels)}}}""";

        var turn = new TurnEvent { Chunk = Read<GenerateContentResponse>(json) };

        var again = TurnEvent.Parser.ParseFrom(turn.ToByteArray());
        Assert.Equal(json, Write(again.Chunk));
        Assert.ThrowsAny<JsonException>(() => Read<GenerateContentResponse>($$"""{"b":{{json}}}"""));
    }

    [Fact]
    public void Read_EveryMemberOfTheApi_HasAField()
    {
        var response = Read<GenerateContentResponse>(RestSamples.Response);
        var tool = Read<Tool>(RestSamples.Tool);

        Assert.Empty(ExtrasOf(response).Concat(ExtrasOf(tool)));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(RestSamples.Response), JsonNode.Parse(Write(response))), Write(response));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(RestSamples.Tool), JsonNode.Parse(Write(tool))), Write(tool));
    }

    [Fact]
    public void Write_AnyMessage_IsItsProtoJson()
    {
        var response = Read<GenerateContentResponse>(RestSamples.Response);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(JsonFormatter.Default.Format(response)), JsonNode.Parse(Write(response))));
    }

    private static IEnumerable<string> ExtrasOf(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(field => field.FieldType == Google.Protobuf.Reflection.FieldType.Message))
        {
            var values = field.IsMap ? [] : field.IsRepeated ? ((System.Collections.IList)field.Accessor.GetValue(message)).Cast<IMessage>()
                : field.Accessor.GetValue(message) is IMessage value ? [value] : [];
            foreach (var inner in values.SelectMany(value => field.Name == "extra" ? [$"{message.Descriptor.Name}: {value}"] : ExtrasOf(value)))
            {
                yield return inner;
            }
        }
    }

    private static T Read<T>(string json)
        where T : IMessage<T>, new() => RestJson.Read<T>(Encoding.UTF8.GetBytes(json));

    private static string Write(IMessage message) => Encoding.UTF8.GetString(RestJson.Write(message));
}
