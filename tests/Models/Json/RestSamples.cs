namespace GenAI.Chats.Models.Tests.Json;

/// <summary>Objects of the REST API that have every member once.</summary>
internal static class RestSamples
{
    public const string Response = """
        {
          "candidates": [{
            "content": {"role": "model", "parts": [
              {"text": "a", "thought": true, "thoughtSignature": "Ab-_+/==", "partMetadata": {"k": 1}, "speechMetadata": {"k": 1}},
              {"inlineData": {"mimeType": "image/png", "data": "AAEC", "displayName": "n"},
               "videoMetadata": {"startOffset": "1s", "endOffset": "2.500s", "fps": 0.5},
               "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH", "numTokens": 7}},
              {"fileData": {"mimeType": "image/png", "fileUri": "files/1", "displayName": "n"}},
              {"functionCall": {"id": "1", "name": "f", "args": {"a": [1]}, "willContinue": true, "partialArgs": [
                {"jsonPath": "$.a", "stringValue": "", "willContinue": false}, {"jsonPath": "$.b", "numberValue": 0},
                {"jsonPath": "$.c", "boolValue": false}, {"jsonPath": "$.d", "nullValue": null}]}},
              {"functionResponse": {"id": "1", "name": "f", "response": {"output": "x"}, "willContinue": false, "scheduling": "SILENT",
                "parts": [{"inlineData": {"mimeType": "a/b", "data": "AA=="}}, {"fileData": {"mimeType": "a/b", "fileUri": "u"}}]}},
              {"executableCode": {"id": "1", "language": "PYTHON", "code": "1"}},
              {"codeExecutionResult": {"id": "1", "outcome": "OUTCOME_OK", "output": ""}},
              {"toolCall": {"id": "1", "toolType": "FILE_SEARCH", "args": {}}},
              {"toolResponse": {"id": "1", "toolType": "FILE_SEARCH", "response": {}}},
              {"audioTranscription": {"text": "a", "finished": true, "languageCode": "de", "speakerLabel": "s"}},
              {"mediaProcessing": {"k": 1}}
            ]},
            "finishReason": "STOP", "finishMessage": "m", "index": 1,
            "safetyRatings": [{"category": "c", "probability": "p", "blocked": false, "probabilityScore": 0.1, "severity": "s",
              "severityScore": 0.2, "overwrittenThreshold": "t"}],
            "citationMetadata": {
              "citations": [{"startIndex": 0, "endIndex": 2, "uri": "u", "title": "t", "license": "l",
                "publicationDate": {"year": 2026, "month": 1, "day": 2}}],
              "citationSources": [{"startIndex": 0, "endIndex": 2, "uri": "u", "license": "l"}]},
            "groundingMetadata": {"webSearchQueries": ["q"], "imageSearchQueries": ["q"], "retrievalQueries": ["q"],
              "groundingChunks": [{"web": {"uri": "u"}}, {"maps": {"placeId": "p"}}, {"image": {}}, {"retrievedContext": {"text": "t"}}],
              "groundingSupports": [{"segment": {"partIndex": 0, "startIndex": 0, "endIndex": 1, "text": "t"},
                "groundingChunkIndices": [0, 1], "confidenceScores": [0.5], "renderedParts": [0]}],
              "searchEntryPoint": {"renderedContent": "r", "sdkBlob": "AA=="},
              "retrievalMetadata": {"googleSearchDynamicRetrievalScore": 0.5}, "googleMapsWidgetContextToken": "g"},
            "urlContextMetadata": {"urlMetadata": [{"retrievedUrl": "u", "urlRetrievalStatus": "s"}]},
            "avgLogprobs": -0.5,
            "logprobsResult": {"chosenCandidates": [{"token": "t", "tokenId": 0, "logProbability": -1.5}],
              "topCandidates": [{"candidates": [{"token": "t"}]}], "logProbabilitySum": -1.5},
            "tokenCount": 3, "continuationToken": "Ab=="
          }],
          "promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "m", "safetyRatings": [{"category": "c", "probability": "p"}]},
          "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3, "thoughtsTokenCount": 0,
            "cachedContentTokenCount": 0, "toolUsePromptTokenCount": 0, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
            "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 1}], "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
            "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}], "trafficType": "ON_DEMAND"},
          "modelVersion": "v", "responseId": "r", "createTime": "2026-01-02T03:04:05.123456Z",
          "modelStatus": {"modelStage": "STABLE", "message": "m", "retirementTime": "2027-01-02T03:04:05Z"}
        }
        """;

    public const string Tool = """
        {
          "functionDeclarations": [{"name": "f", "description": "d", "behavior": "BLOCKING",
            "parametersJsonSchema": {"type": "object"}, "responseJsonSchema": true, "response": {"type": "STRING"},
            "parameters": {"type": "OBJECT", "format": "f", "title": "t", "description": "d", "nullable": false, "default": 1, "example": [1],
              "enum": ["a"], "items": {"type": "STRING"}, "minItems": "1", "maxItems": "2", "properties": {"a": {"type": "STRING"}},
              "propertyOrdering": ["a"], "required": ["a"], "minProperties": "1", "maxProperties": "2", "minimum": 0, "maximum": 1.5,
              "minLength": "1", "maxLength": "2", "pattern": "p", "anyOf": [{"type": "NULL"}], "additionalProperties": false,
              "ref": "r", "defs": {"d": {"type": "STRING"}}}}],
          "googleSearch": {"timeRangeFilter": {"startTime": "2026-01-02T03:04:05Z", "endTime": "2026-01-03T03:04:05Z"},
            "excludeDomains": ["d"], "blockingConfidence": "b", "searchTypes": {"webSearch": {}}},
          "googleMaps": {"enableWidget": true, "authConfig": {}},
          "urlContext": {}, "codeExecution": {},
          "computerUse": {"environment": "e", "excludedPredefinedFunctions": ["f"]},
          "fileSearch": {"fileSearchStoreNames": ["s"], "topK": 3, "metadataFilter": "f"},
          "mcpServers": [{"name": "n", "streamableHttpTransport": {"url": "u", "headers": {"h": "v"}, "timeout": "5s", "sseReadTimeout": "6s",
            "terminateOnClose": true}}],
          "retrieval": {"vertexRagStore": {}},
          "enterpriseWebSearch": {"excludeDomains": ["d"], "blockingConfidence": "b"},
          "parallelAiSearch": {}, "exaAiSearch": {}, "googleSearchRetrieval": {"dynamicRetrievalConfig": {}}
        }
        """;
}
