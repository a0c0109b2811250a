"""Where records and questionnaires are kept; contracts: ``ports.RecordStore`` and ``ports.QuestionnaireStore``."""
